// Apache Avro for Java's row of the decode benchmark: nanoseconds of a record, the best of several passes.

import java.io.DataInputStream;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

public class Decode {
    public static void main(String[] arguments) throws Exception {
        for (int index = 1; index < arguments.length; index++) {
            String contract = arguments[index];
            String base = arguments[0] + "/" + contract;
            List<byte[]> bodies = new ArrayList<>();
            try (DataInputStream input = new DataInputStream(Files.newInputStream(Path.of(base + ".records")))) {
                while (input.available() > 0) {
                    byte[] body = new byte[input.readInt()];
                    input.readFully(body);
                    bodies.add(body);
                }
            }
            Schema writer = new Schema.Parser().parse(new File(base + ".avsc"));
            Schema five = new Schema.Parser().parse(new File(base + ".five.avsc"));
            row(contract, "Apache Avro for Java, all fields", bodies, writer, writer);
            row(contract, "Apache Avro for Java, resolved to five fields", bodies, writer, five);
        }
    }

    // Reader, decoder and record are used again for each body, as its documentation advises.
    private static void row(String contract, String name, List<byte[]> bodies, Schema writer, Schema reader)
            throws Exception {
        GenericDatumReader<GenericRecord> datum = new GenericDatumReader<>(writer, reader);
        BinaryDecoder decoder = null;
        GenericRecord record = null;
        double best = Double.MAX_VALUE;
        for (int pass = 0; pass < 25; pass++) {
            long start = System.nanoTime();
            for (byte[] body : bodies) {
                decoder = DecoderFactory.get().binaryDecoder(body, decoder);
                record = datum.read(record, decoder);
            }
            best = Math.min(best, (System.nanoTime() - start) / (double) bodies.size());
        }
        System.out.println(contract + "\t" + name + "\t" + best);
    }
}
