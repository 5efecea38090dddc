// A trigger's account of every step of every partition's offset and epoch, to be checked afterwards.

import WeirPostgres

/// PostgreSQL writes it, in the transaction of each step; Weir knows nothing of it.
enum Journal {
    static func begin(_ connection: PostgresConnection) throws {
        try connection.script(
            """
            CREATE SCHEMA verify;
            CREATE TABLE verify.step (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                topic text, partition integer, epoch_before bigint, epoch bigint,
                offset_before bigint, offset_after bigint, accounted bigint
            );
            CREATE FUNCTION verify.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
            AS $$
            BEGIN
                INSERT INTO verify.step (topic, partition, epoch_before, epoch, offset_before, offset_after, accounted)
                VALUES (NEW.topic, NEW.partition, OLD.epoch, NEW.epoch, OLD.next_offset, NEW.next_offset,
                    NEW.counted + NEW.duplicates + NEW.conflicts + NEW.dead_letters + NEW.skipped + NEW.parked + NEW.diverted
                    - coalesce(OLD.counted + OLD.duplicates + OLD.conflicts + OLD.dead_letters + OLD.skipped + OLD.parked
                        + OLD.diverted, 0));
                RETURN NULL;
            END $$;
            CREATE TRIGGER verify_note AFTER INSERT OR UPDATE ON weir.partition
                FOR EACH ROW EXECUTE FUNCTION verify.note();
            """)
    }
}
