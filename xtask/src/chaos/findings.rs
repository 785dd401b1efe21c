//! What is found, said at once and again in the end.

use std::time::Instant;

use anyhow::ensure;

/// One thing that was looked at.
struct Finding {
    phase: String,
    is_good: bool,
    text: String,
}

/// Everything that was looked at so far.
pub(crate) struct Findings {
    began: Instant,
    phase: String,
    all: Vec<Finding>,
}

impl Findings {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            phase: String::new(),
            all: Vec::new(),
        }
    }

    /// What follows belongs to this phase.
    pub(crate) fn begin(&mut self, phase: &str) {
        phase.clone_into(&mut self.phase);
        self.say("begins");
    }

    /// Says how far it is; that is forgotten.
    pub(crate) fn say(&self, text: &str) {
        let seconds = self.began.elapsed().as_secs();
        println!("{seconds:5} s  {:10} {text}", self.phase);
    }

    /// Takes note of something that is as it should be, or is not.
    pub(crate) fn judge(&mut self, is_good: bool, text: String) {
        self.say(&format!("{} {text}", mark(is_good)));
        self.all.push(Finding {
            phase: self.phase.clone(),
            is_good,
            text,
        });
    }

    /// Takes note of a figure, or of why there is none.
    pub(crate) fn outcome(&mut self, what: &str, outcome: Result<String, String>) {
        let is_good = outcome.is_ok();
        let text = outcome.unwrap_or_else(|why| why);
        self.judge(is_good, format!("{what}: {text}"));
    }

    /// Everything again; an error where something was wrong.
    pub(crate) fn summarize(&self) -> anyhow::Result<()> {
        println!();
        for Finding {
            phase,
            is_good,
            text,
        } in &self.all
        {
            println!("{} {phase:10} {text}", mark(*is_good));
        }
        let wrong = self.all.iter().filter(|finding| !finding.is_good).count();
        let (all, seconds) = (self.all.len(), self.began.elapsed().as_secs());
        ensure!(wrong == 0, "{wrong} of {all} findings are wrong");
        println!("{all} findings, all as promised, in {seconds} s");
        Ok(())
    }
}

fn mark(is_good: bool) -> &'static str {
    if is_good { "ok     " } else { "FAILED " }
}

#[cfg(test)]
mod tests {
    use super::Findings;

    #[test]
    fn one_wrong_finding_is_an_error() {
        let mut findings = Findings::new();
        findings.begin("a");
        findings.outcome("this", Ok("10 of 10".into()));
        assert!(findings.summarize().is_ok());
        findings.outcome("that", Err("9 of 10".into()));
        assert!(findings.summarize().is_err());
    }
}
