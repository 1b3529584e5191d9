//! One unit of work, over and over: think, ask rng for bytes, have hasher hash them, keep the hash if it is a coin.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use dockercoins_kit::station::{Station, Work};
use redis::RedisResult;

use crate::failure::Failure;
use crate::hash::Hash;
use crate::ledger::Ledger;
use crate::link::{Link, Patience};
use crate::outage::Outage;
use crate::settings::Settings;
use crate::tally::{Laps, Stage, Tally};
use crate::upstream::{Caller, Upstream};
use crate::wallet::Wallet;

/// What the loops of a worker share.
#[derive(Clone, Debug)]
pub(crate) struct Mine {
    station: Station,
    bytes: usize,
    rng: Arc<Upstream>,
    hasher: Arc<Upstream>,
    rng_outage: Arc<Outage>,
    hasher_outage: Arc<Outage>,
    ledger: Arc<Ledger>,
    wallet: Arc<Wallet>,
    tally: Arc<Tally>,
}

/// One loop.
#[derive(Debug)]
pub(crate) struct Miner {
    mine: Mine,
    rng: Caller,
    hasher: Caller,
}

impl Mine {
    /// A mine whose loops think in `station`. Fails if the redis URL is of an unknown kind.
    pub(crate) fn new(
        settings: &Settings,
        hostname: &str,
        station: Station,
        tally: &Arc<Tally>,
    ) -> RedisResult<Self> {
        let outage = |what, stage| Arc::new(Outage::new(what, stage, tally.clone()));
        let store_outage = outage("redis".into(), Stage::Store);
        let link = Link::new(settings.redis_url.clone(), Patience::default())?;
        Ok(Self {
            station,
            bytes: settings.bytes as usize,
            rng: Arc::new(Upstream::rng(settings, tally)),
            hasher: Arc::new(Upstream::hasher(settings, tally)),
            rng_outage: outage(format!("rng at {}", settings.rng_url), Stage::Rng),
            hasher_outage: outage(format!("hasher at {}", settings.hasher_url), Stage::Hasher),
            ledger: Arc::new(Ledger::new(hostname, link.clone(), store_outage.clone(), tally.clone())),
            wallet: Arc::new(Wallet::new(link, store_outage)),
            tally: tally.clone(),
        })
    }

    /// Another loop.
    pub(crate) fn miner(&self) -> Miner {
        let [rng, hasher] = [&self.rng, &self.hasher].map(|upstream| Caller::new(upstream.clone()));
        Miner { mine: self.clone(), rng, hasher }
    }

    /// What redis is told of the loops done.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

impl Miner {
    /// Works until the future is dropped, which may happen at any wait.
    pub(crate) async fn mine(mut self) -> Infallible {
        let mut now = Instant::now();
        loop {
            now = self.cycle(now).await;
        }
    }

    /// One unit of work, which begins at `now`; returns the instant of its end.
    async fn cycle(&mut self, now: Instant) -> Instant {
        let mut laps = Laps::start(now);
        if self.mine.ledger.flush_if_due(now).await {
            laps.lap(Stage::Store);
        }
        self.mine.station.visit(Work::Timed).await;
        laps.lap(Stage::Think);
        let bytes = self.random_bytes().await;
        laps.lap(Stage::Rng);
        let hash = self.hash(&bytes).await;
        let mut end = laps.lap(Stage::Hasher);
        if hash.is_coin() {
            self.mine.tally.coin();
            self.mine.wallet.keep(&hash, &bytes).await;
            end = laps.lap(Stage::Store);
        }
        self.mine.tally.cycle(&laps);
        self.mine.ledger.add();
        end
    }

    async fn random_bytes(&mut self) -> Bytes {
        let wanted = self.mine.bytes;
        let mut tries = self.mine.rng_outage.tries();
        loop {
            let answer = self.rng.call(Bytes::new()).await;
            let bytes = answer.and_then(|bytes| match bytes.len() {
                got if got == wanted => Ok(bytes),
                got => Err(Failure::Length { got, wanted }),
            });
            if let Some(bytes) = tries.settle(bytes).await {
                return bytes;
            }
        }
    }

    async fn hash(&mut self, bytes: &Bytes) -> Hash {
        let mut tries = self.mine.hasher_outage.tries();
        loop {
            let answer = self.hasher.call(bytes.clone()).await;
            if let Some(hash) = tries.settle(answer.and_then(|body| Hash::read(&body))).await {
                return hash;
            }
        }
    }
}
