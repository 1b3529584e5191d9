//! The application and the lab under docker-compose. One file for each story; every test here needs Docker, with the
//! images that `compose/build-local --redis` makes.

mod attach;
mod bad_input;
mod config;
mod experiments;
mod health;
mod images;
mod lab;
mod memory;
mod names;
mod plan;
mod redis;
mod scale;
mod tunnel;
mod up;
mod workshop;
