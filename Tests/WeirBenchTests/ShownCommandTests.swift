// Command lines in reports: whole enough to be repeated, without secrets.

import Testing
import WeirBench

struct ShownCommandTests {
    @Test(arguments: [
        (["weir", "bench", "run", "s.yaml", "--rate", "100"], "weir bench run s.yaml --rate 100"),
        (["--kafka", "sasl.password=x y", "--kafka", "linger.ms=5"], "--kafka sasl.password=… --kafka linger.ms=5"),
        (["--kafka=ssl.key.pem=-----BEGIN"], "--kafka=ssl.key.pem=…"),
        (["--postgres", "host=db user=w password=x dbname=d"], "--postgres 'host=db user=w password=… dbname=d'"),
        (["--postgres", "password='a b\\' c' host=db"], "--postgres 'password=… host=db'"),
        (["--postgres", "postgresql://w:x@db/weir"], "--postgres postgresql://w:…@db/weir"),
        (["--postgres=postgres://db/d?user=w&password=x&a=b"], "'--postgres=postgres://db/d?user=w&password=…&a=b'"),
        (["--out", "it's"], "--out 'it'\\''s'"),
    ])
    func secretsAreLeftOut(arguments: [String], shown: String) { #expect(ShownCommand.words(arguments) == shown) }
}
