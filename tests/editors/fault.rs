//! What may be wrong in an `ops.toml`, and what of it a JSON Schema can express.

/// One wrong file.
pub(crate) struct Fault {
    /// What is wrong.
    pub(crate) what: &'static str,
    /// The file below its `#:schema` line. `#!` ends the line that must be underlined; without it
    /// the fault is of the whole file and belongs to its first line.
    pub(crate) text: &'static str,
    /// Editors that do not see it, each with the reason.
    pub(crate) missed: &'static [(&'static str, &'static str)],
}

impl Fault {
    /// The line to be underlined, from 1, where the `#:schema` line is the first.
    pub(crate) fn line(&self) -> usize {
        self.text.lines().position(|line| line.ends_with("#!")).map_or(1, |at| at + 2)
    }

    /// The header of the table, where it comes in kinds: a server that finds no kind that fits may
    /// underline the table as a whole.
    pub(crate) fn kind_line(&self) -> Option<usize> {
        self.text.lines().position(|line| line.starts_with("[probes.checks.")).map(|at| at + 2)
    }
}

macro_rules! faults {
    ($($what:literal: $text:literal $(, missed by $editor:literal: $why:literal)*;)*) => {
        &[$(Fault { what: $what, text: $text, missed: &[$(($editor, $why)),*] }),*]
    };
}

/// What a schema can express: every editor underlines it.
pub(crate) const FAULTS: &[Fault] = faults! {
    "no version": "[limits]\nmax_in_flight = 1\n";
    "another version": "version = 2 #!\n";
    "an unknown section": "version = 1\n[limit] #!\nmax_in_flight = 1\n";
    "an unknown key": "version = 1\n[limits]\nmax_inflight = 1 #!\n";
    "an unknown dotted key": "version = 1\nlimits.max_inflight = 1 #!\n";
    "an unknown key in a table within a section": "version = 1\n[chaos.network]\nlatancy = \"1ms\" #!\n";
    "an unknown key in a named table": "version = 1\n[pools.main]\nurls = \"sqlite:a\" #!\n";
    "an unknown key in a repeated table": "version = 1\n[[observability.sampling_rules]]\nroute = \"/a\"\nsampling_rate = 0.5\nseed = 1 #!\n";
    "a text for a number": "version = 1\n[limits]\nmax_in_flight = \"1\" #!\n";
    "a number for yes or no": "version = 1\n[chaos]\nenabled = 1 #!\n";
    "a number for a text": "version = 1\n[observability]\nservice_name = 5 #!\n";
    "a table for a number": "version = 1\n[limits.max_in_flight] #!\nvalue = 1\n";
    "a text for a list": "version = 1\n[chaos]\nroutes = \"/a\" #!\n";
    "a number for a section": "version = 1\nlimits = 5 #!\n";
    "a repeated table for named ones": "version = 1\n[[pools]] #!\nurl = \"sqlite:a\"\n";
    "a date for a text": "version = 1\n[observability]\nservice_name = 1979-05-27 #!\n",
        missed by "taplo": "it turns a date into a text before the schema sees it";
    "a fraction for a whole number": "version = 1\n[limits]\nmax_in_flight = 1.5 #!\n";
    "a number below its range": "version = 1\n[limits]\nmax_in_flight = 0 #!\n";
    "a number above its range": "version = 1\n[observability]\nmetrics_port = 65536 #!\n";
    "a share above one": "version = 1\n[observability]\nsampling_rate = 1.5 #!\n";
    "a bound that is not above zero": "version = 1\n[observability]\nlatency_buckets = [0.0] #!\n";
    "no number": "version = 1\n[observability]\nsampling_rate = nan #!\n";
    "an infinite number": "version = 1\n[observability]\nlatency_buckets = [inf] #!\n",
        missed by "tombi": "JSON has no infinity, TOML has, and the schema sets no upper bound";
    "a time above its range": "version = 1\n[breakers.a]\nreset_timeout = \"2h\" #!\n";
    "a time below its range": "version = 1\n[breakers.a]\nreset_timeout = \"9ms\" #!\n";
    "a time in words": "version = 1\n[breakers.a]\nreset_timeout = \"30 seconds\" #!\n";
    "a time without a unit": "version = 1\n[breakers.a]\nreset_timeout = \"30\" #!\n";
    "a time that is a number": "version = 1\n[breakers.a]\nreset_timeout = 30 #!\n";
    "a size in another unit": "version = 1\n[probes.checks.a]\nkind = \"disk\"\npath = \"/\"\nmin_free = \"1GB\" #!\n";
    "a word that is none of a set": "version = 1\n[limits]\nmode = \"of\" #!\n";
    "yes or no for a word": "version = 1\n[limits]\nmode = true #!\n";
    "a probe that no check may speak in": "version = 1\n[probes.checks.a]\nkind = \"tcp\"\naddress = \"a:1\"\ngroups = [\"liveness\"] #!\n";
    "an empty list": "version = 1\n[breakers.a]\nfailure_statuses = [] #!\n";
    "a list that is too long": "version = 1\n[probes.checks.a]\nkind = \"tcp\"\naddress = \"a:1\"\ngroups = [\"startup\", \"readiness\", \"startup\"] #!\n";
    "a key of another kind": "version = 1\n[probes.checks.a]\nkind = \"pool\"\npool = \"main\"\nurl = \"http://a\" #!\n";
    "an unknown kind": "version = 1\n[probes.checks.a]\nkind = \"redis\" #!\n";
    "no kind": "version = 1\n[probes.checks.a] #!\npool = \"main\"\n";
    "a key missing that the kind needs": "version = 1\n[probes.checks.a] #!\nkind = \"http\"\n";
    "a key missing in an inline table": "version = 1\n[breakers.a]\nfailure_rate = { threshold = 0.5 } #!\n";
    "a name in upper case": "version = 1\n[pools.Main] #!\nurl = \"sqlite:a\"\n";
    "a name with a space": "version = 1\n[pools.\"a b\"] #!\nurl = \"sqlite:a\"\n";
    "a header in upper case": "version = 1\n[observability.otlp_headers]\nAuthorization = \"x\" #!\n";
    "a secret that is a number": "version = 1\n[admin]\ntoken = 5 #!\n";
    "an empty secret": "version = 1\n[admin]\ntoken = \"\" #!\n";
    "the mask of a secret": "version = 1\n[admin]\ntoken = \"********\" #!\n";
    "a secret from nowhere": "version = 1\n[admin]\ntoken = { vault = \"x\" } #!\n";
    "a secret from two places": "version = 1\n[admin]\ntoken = { env = \"A\", file = \"/b\" } #!\n";
    "a secret from a variable without a name": "version = 1\n[admin]\ntoken = { env = \"\" } #!\n";
    "a database that is not known": "version = 1\n[pools.main]\nurl = \"oracle://a\" #!\n";
    "a name where an address is needed": "version = 1\n[server]\nlisten = \"localhost:80\" #!\n";
    "a port above its range": "version = 1\n[server]\nlisten = \"127.0.0.1:70000\" #!\n";
    "an IPv6 address with two gaps": "version = 1\n[server]\nlisten = \"[::1::2]:80\" #!\n",
        missed by "taplo": "the whole grammar of IPv6 as a pattern could not be read in a message; the format is ours",
        missed by "tombi": "the whole grammar of IPv6 as a pattern could not be read in a message; the format is ours";
    "an address without its scheme": "version = 1\n[observability]\notlp_endpoint = \"collector:4317\" #!\n";
    "https where only http is spoken": "version = 1\n[probes.checks.a]\nkind = \"http\"\nurl = \"https://a\" #!\n";
    "a host without a port": "version = 1\n[probes.checks.a]\nkind = \"tcp\"\naddress = \"a\" #!\n";
    "a route without its slash": "version = 1\n[chaos]\nroutes = [\"checkout\"] #!\n";
    "a status that there is not": "version = 1\n[breakers.a]\nfailure_statuses = [\"600\"] #!\n";
    "a level that there is not": "version = 1\n[observability.logging]\nlevel = \"loud\" #!\n";
};

/// What no JSON Schema can express: it is `ops check` that says it, and no editor claims to.
pub(crate) const RULES: &[Fault] = faults! {
    "more connections kept than allowed": "version = 1\n[pools.main]\nmin_connections = 9 #!\nmax_connections = 5\n";
    "a check of a pool that there is not": "version = 1\n[probes.checks.a]\nkind = \"pool\"\npool = \"main\" #!\n";
    "two listeners on one address": "version = 1\n[server]\nlisten = \"127.0.0.1:9091\"\n[admin]\nlisten = \"127.0.0.1:9091\" #!\n";
    "an open operator's listener without a token": "version = 1\n[admin]\nlisten = \"0.0.0.0:9091\" #!\n";
    "a drain as long as the shutdown": "version = 1\n[shutdown]\ntimeout = \"5s\"\ndrain_delay = \"5s\" #!\n";
    "bounds that do not rise": "version = 1\n[observability]\nlatency_buckets = [0.2, 0.1] #!\n";
    "chaos where it is not allowed": "version = 1\n[observability]\nenvironment = \"production\"\n[chaos]\nenabled = true #!\n";
    "a jitter longer than its latency": "version = 1\n[chaos.network]\nlatency = \"1ms\"\njitter = \"2ms\" #!\n";
    "a result stale before the next": "version = 1\n[probes]\ninterval = \"30s\"\nstale_after = \"30s\" #!\n";
    "one probe named twice": "version = 1\n[probes.checks.a]\nkind = \"tcp\"\naddress = \"a:1\"\ngroups = [\"startup\", \"startup\"] #!\n";
};
