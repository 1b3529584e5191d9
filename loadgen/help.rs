//! What `--help` says below the flags.

pub(crate) const LAB_HELP: &str = "\
Exit codes:
  0    done
  1    an expectation failed; with --interleave: something is worse by more than the threshold
  2    wrong usage
  3    inconclusive: Little's law does not close, an interval is too wide, or the proof failed; with --interleave: an interval
       holds both sides of the threshold
  4    the application could not be run
  130  interrupted; what was measured until then is reported";

pub(crate) const PREDICT_HELP: &str = "\
Examples:
  loadgen predict                                      ten workers, three rng, by every law
  loadgen predict --workers 10,1000000 --rng 1,100000  as many as you like
  loadgen predict --target 100/s --dispatch random     what 100 hashes a second take behind a ClusterIP
  loadgen lab --json lab.json && loadgen predict --from lab.json --workers 1..20

Exit codes:
  0    done
  2    wrong usage, or a file that is no report of a lab
  4    the prediction could not be written";

pub(crate) const REPORT_HELP: &str = "\
Exit codes:
  0    done
  2    wrong usage, a file that is no report, or one that cannot be written
  4    the report could not be printed";

pub(crate) const COMPARE_HELP: &str = "\
Exit codes:
  0    nothing is worse by more than the threshold
  1    something is
  2    wrong usage, a file that is no report, or two that cannot be compared
  3    inconclusive: an interval holds both sides of the threshold
  4    the comparison could not be printed";

pub(crate) const BENCH_HELP: &str = "\
Exit codes:
  0    done
  1    an expectation failed
  2    wrong usage
  3    with --strict: the load generator was the limit, so nothing can be concluded
  4    nothing answered or measured, or the load could not be sent
  130  interrupted; what was measured until then is reported";

pub(crate) const MERGE_HELP: &str = "\
Exit codes:
  0    done
  1    an expectation failed
  2    wrong usage, or a file that is no report
  4    the report could not be written";
