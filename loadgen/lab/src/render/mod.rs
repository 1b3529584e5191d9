//! The report in the forms that people and programs read. What it says is fixed before anything here runs.

pub(crate) mod benchmark;
mod csv;
mod experiment;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod forms;
pub(crate) mod frame;
mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
mod notes;
mod page;
pub(crate) mod picture;
mod rows;
pub(crate) mod summary;
pub(crate) mod text;
pub(crate) mod words;

pub(crate) use json::json;
pub(crate) use text::text;
