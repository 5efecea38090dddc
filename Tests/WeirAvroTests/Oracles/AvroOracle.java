// Answers whether schemas go together with Apache Avro for Java: one JSON line in, one JSON line out.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

public class AvroOracle {
    public static void main(String[] args) throws Exception {
        ObjectMapper json = new ObjectMapper();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            ArrayNode answers = json.createArrayNode();
            for (JsonNode question : json.readTree(line)) {
                try {
                    answers.addObject().set("value", json.valueToTree(compatibility(question)));
                } catch (RuntimeException | StackOverflowError error) {
                    answers.addObject().put("error", error.toString());
                }
            }
            System.out.println(answers);
            System.out.flush();
        }
    }

    /** The kinds of what is incompatible; none if the reader reads whatever is written. */
    private static TreeSet<String> compatibility(JsonNode question) {
        Schema reader = new Schema.Parser().parse(question.get("reader").asText());
        Schema writer = new Schema.Parser().parse(question.get("writer").asText());
        var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
        TreeSet<String> kinds = new TreeSet<>();
        result.getIncompatibilities().forEach(found -> kinds.add(found.getType().name()));
        if (kinds.isEmpty() && result.getCompatibility() != SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE) {
            throw new IllegalStateException("incompatible without a reason");
        }
        return kinds;
    }
}
