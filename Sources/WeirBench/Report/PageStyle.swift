// How a report looks.

enum PageStyle {
    static let css = """
        :root{color-scheme:light dark;--paper:#fbfbf9;--ink:#1d2126;--soft:#646b75;--rule:#e0e1dd;--card:#fff;
        --c0:#1f6feb;--c1:#c2410c;--c2:#8b5cf6;--c3:#0f8a5f;--c4:#b45309;--c5:#be185d;--fault:#c2410c;--bad:#b42318}
        @media (prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e6e8eb;--soft:#9aa3ad;--rule:#2c3238;
        --card:#1b1f24;--c0:#6cb2ff;--c1:#ff9558;--c2:#b79bff;--c3:#4fd0a0;--c4:#f0b45a;--c5:#ff86b6;--fault:#ff9558;
        --bad:#ff8a80}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",
        "Liberation Sans",sans-serif}
        main{max-width:860px;margin:0 auto;padding:32px 20px 64px}
        h1{font-size:26px;line-height:1.25;margin:0 0 8px}h2{font-size:21px;margin:48px 0 4px;padding-top:16px;
        border-top:1px solid var(--rule)}h3{font-size:16px;margin:32px 0 4px}
        nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin:8px 0}nav a{color:var(--c0)}
        .note{color:var(--soft);font-size:13px;margin:2px 0 10px}code,pre{font:12.5px/1.5 ui-monospace,"DejaVu Sans Mono",
        monospace;overflow-wrap:anywhere}
        .verdict{font-size:17px;margin:10px 0}.refused{border-left:4px solid var(--bad);padding:6px 12px;color:var(--bad);
        background:var(--card)}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(108px,1fr));gap:8px;margin:16px 0}
        .cards div{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:9px 12px}
        .cards b{display:block;font-size:22px;font-variant-numeric:tabular-nums;line-height:1.3}
        .cards small{color:var(--soft);font-size:12px}
        .wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
        th,td{text-align:right;padding:4px 8px;border-bottom:1px solid var(--rule);white-space:nowrap}
        th:first-child,td:first-child,th:nth-child(2),td:nth-child(2){text-align:left}th{color:var(--soft);font-weight:600;
        white-space:normal;vertical-align:bottom}td{vertical-align:top}td.text{text-align:left;white-space:normal;
        min-width:200px;overflow-wrap:anywhere}
        .setup td{text-align:left;white-space:normal;vertical-align:top}.setup td:first-child{color:var(--soft);
        white-space:nowrap}
        figure{margin:24px 0 8px}figcaption{font-weight:600;margin-bottom:4px}svg{width:100%;height:auto;display:block}
        svg .grid{stroke:var(--rule);stroke-width:1;fill:none}svg .tick{fill:var(--soft);font-size:11px}
        svg .axis{fill:var(--soft);font-size:12px}svg .line{fill:none;stroke-width:1.8;stroke-linejoin:round}
        svg .dashed{stroke-dasharray:5 4}svg .level{stroke:var(--soft);stroke-dasharray:2 4;fill:none}
        svg .fault{fill:var(--fault);opacity:.13}svg .aside{fill:var(--soft);opacity:.1}
        svg .halo{paint-order:stroke;stroke:var(--paper);stroke-width:3px}
        svg .never{fill:var(--bad);opacity:.3}svg .bad{fill:var(--bad)}
        svg .c0{stroke:var(--c0)}svg .c1{stroke:var(--c1)}svg .c2{stroke:var(--c2)}svg .c3{stroke:var(--c3)}
        svg .c4{stroke:var(--c4)}svg .c5{stroke:var(--c5)}
        .legend{display:flex;flex-wrap:wrap;gap:2px 18px;color:var(--soft);font-size:12.5px;padding-left:64px}
        .legend i{display:inline-block;width:18px;border-top:3px solid;margin-right:6px;vertical-align:middle}
        .legend i.dashed{border-top-style:dashed}
        .legend i.never{border-top:9px solid var(--bad);opacity:.3}
        .legend .c0{color:var(--c0)}.legend .c1{color:var(--c1)}.legend .c2{color:var(--c2)}.legend .c3{color:var(--c3)}
        .legend .c4{color:var(--c4)}.legend .c5{color:var(--c5)}
        svg.narrow{display:none}svg.narrow .tick,svg.narrow .axis{font-size:12px}
        @media (max-width:640px){main{padding:20px 14px 48px}svg.broad{display:none}svg.narrow{display:block}
        .legend{padding-left:8px}}
        details{margin:10px 0}pre{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:12px;
        white-space:pre-wrap}
        """
}
