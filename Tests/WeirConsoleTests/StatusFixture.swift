// Status documents as processes wrote them, shortened.

enum StatusFixture {
    /// At 12:00:05 UTC: late, over budget, one partition elsewhere, and a question that PostgreSQL did not answer.
    static let busy = """
        {"format":1,"time":1795348805.25,"weir":"0.1.0","host":"build-7","process":4711,"state":"running",
        "waiting_for":null,"topologies":[{"name":"billing","version":3,"group":"weir-billing","failure":null,
        "objective":{"text":"p99 < 2s over 30d","share":0.99,"line_seconds":2,"over_seconds":2592000,
        "compliance":null,"budget_left":null,"since_start":{"seconds":240,"good":11980,"total":12000,
        "compliance":0.99833,"budget_left":0.8333},"burns":[{"window":"5m","rate":null}],
        "firing":[{"urgency":"page","factor":14.4,"long":"1h","short":"5m"}]},"oldest_seconds":0.412,
        "history":{"step_seconds":5,"span_seconds":1800,"points":[
        {"time":1795348795,"p50":null,"p99":null,"oldest":null,"records":0},
        {"time":1795348800,"p50":0.14,"p99":2.5,"oldest":0.4,"records":12345.6}]},
        "graph":{"sources":[{"topic":"calls","records":12000,"counted":11900,"duplicates":8,"conflicts":0,
        "dead_letters":92,"records_per_second":12345.6,"counted_per_second":12300,"dead_letters_per_second":0.5}],
        "meters":[{"name":"calls","source":"calls","definition":"count"}],"table":"billing.usage","windows":10,
        "windows_per_second":1,"topic":null,"published":0,"published_per_second":null},
        "counts":{"records":12000,"counted":11900,"duplicates":8,"conflicts":0,"dead_letters":92,"late":0,"diverted":0},
        "outbox":{"messages":7,"seconds":1.5},"database":null,
        "partitions":{"count":4,"list":[
        {"topic":"calls","partition":0,"here":true,"state":"running","owner":"build-7/4711/1","epoch":3,
        "committed":1234567,"end":1234567,"behind":0,"oldest_seconds":0,"keys":1000,"waiting_for_quota":0,
        "waiting_for_schema":0},
        {"topic":"calls","partition":1,"here":true,"state":"paused","owner":"build-7/4711/1","epoch":3,
        "committed":900,"end":1300,"behind":400,"oldest_seconds":75.2,"keys":20,"waiting_for_quota":2,
        "waiting_for_schema":1},
        {"topic":"calls","partition":2,"here":true,"state":"running","owner":"build-7/4711/1","epoch":3,
        "committed":500,"end":512,"behind":12,"oldest_seconds":0.412,"keys":30,"waiting_for_quota":0,
        "waiting_for_schema":0},
        {"topic":"calls","partition":3,"here":false,"state":null,"owner":"other","epoch":9,
        "committed":null,"end":null,"behind":null,"oldest_seconds":null,"keys":null,"waiting_for_quota":null,
        "waiting_for_schema":null}]},
        "partitions_of_others":{"value":4,"seen_at":1795348804,"problem":null},
        "reasons":[{"reason":"not_framed","records":90},{"reason":"key_mismatch","records":2}],
        "dead_letters":{"value":{"reasons":[{"reason":"not_framed","waiting":1200,"quarantined":3,"latest":1795348000}],
        "newest":[{"id":1,"reason":"not_framed","message":"m","place":"calls/0/1","org_id":null,
        "recorded_at":1795348000}]},"seen_at":1795348804,"problem":null},
        "usage":{"value":{"hours":24,"meters":["calls","bytes_out"],"organisations":[
        {"org_id":"日本","events":9000,"meters":{"calls":"9000","bytes_out":"12345678901234567890.5"}},
        {"org_id":"a\\u001b[2Jb","events":12,"meters":{"calls":"12"}}]},
        "seen_at":1795348770,"problem":"it took longer than 2 s"}}]}
        """

    /// The same in an outage of PostgreSQL, and the other process is frozen.
    static let outage =
        busy
        .replacing(
            #""database":null,"#,
            with: #"""
                "database":null,"database_problem":"connection refused","commits":{"done":5,"failed":9,"failing":[
                {"worker":"build-7/4711/1","since":1795348797,"attempts":8,"problem":"connection to server failed"}]},
                """#
        )
        .replacing(
            #""partition":0,"here":true,"state":"running""#, with: #""partition":0,"here":true,"state":"failing""#
        )
        .replacing(
            #""owner":"other","epoch":9,"#,
            with: #""owner":"other","epoch":9,"committed_seconds":9,"stands_seconds":7,"#
        )
        .replacing(
            #""partitions_of_others":{"value":4,"seen_at":1795348804,"problem":null}"#,
            with: #""partitions_of_others":{"value":4,"seen_at":1795348804,"problem":"connection refused"}"#)

    /// A process that has just begun: nothing is known yet.
    static let unknown = """
        {"format":1,"time":1795348805,"weir":"0.1.0","host":"h","process":1,"state":"running","later_field":[1],
        "topologies":[{"name":"billing","version":1,"group":"g","failure":null,
        "objective":{"text":"p99 < 2s over 30d","share":0.99,"line_seconds":2,"over_seconds":2592000,
        "compliance":null,"budget_left":null,"since_start":null,"burns":[],"firing":[]},"oldest_seconds":null,
        "history":{"step_seconds":5,"span_seconds":1800,"points":[]},
        "graph":{"sources":[{"topic":"calls","records":0,"counted":0,"duplicates":0,"conflicts":0,"dead_letters":0}],
        "meters":[],"table":"t.u","windows":0,"topic":null,"published":0},
        "counts":{"records":0,"counted":0,"duplicates":0,"conflicts":0,"dead_letters":0,"late":0,"diverted":0},
        "outbox":{"messages":0,"seconds":null},"database":null,"partitions":{"count":0,"list":[]},
        "partitions_of_others":{"value":null,"seen_at":null,"problem":null},"reasons":[],
        "dead_letters":{"value":null,"seen_at":null,"problem":null},
        "usage":{"value":null,"seen_at":null,"problem":null}}]}
        """

    static let starting = """
        {"format":1,"time":1795348805,"weir":"0.1.0","host":"h","process":1,"state":"starting",
        "waiting_for":"waiting for a server","topologies":[]}
        """
}
