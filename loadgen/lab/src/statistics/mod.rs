//! Statistics of a counter that is read now and then: from its readings to a throughput. What follows from there is the load
//! engine's own business, and the lab's.

pub mod series;
