//! What is outside of the engine: the clock, the vendor with its memory, the disk's plan of faults.

use futures_util::future::{BoxFuture, FutureExt as _};
use jiff::Timestamp;
use riposte_connector::{IncomingResponse, OutgoingRequest};
use riposte_egress::{CallOptions, Egress, EgressError};
use riposte_engine::Clock;
use riposte_store::{Commit, Fate, Faults, Reading};
use riposte_testing::Random;
use riposte_value::{Value, json, value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

const BEGIN: i64 = 1_772_355_600;

/// A request that reached the vendor.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub method: String,
    pub url: String,
    pub body: Vec<u8>,
}

/// A status and a body, or no answer.
type Answer = Result<(u16, Value), EgressError>;

/// A callback that the vendor owes, by when.
#[derive(Debug, Clone)]
pub struct Owed {
    pub due: Timestamp,
    pub address: String,
    pub token: String,
}

pub struct State {
    faults: Random,
    draws: Random,
    now: Timestamp,
    life_began: Option<(Instant, Timestamp)>,
    is_dark: bool,
    is_faulty: bool,
    commit_takes: Option<Duration>,
    pub crashes_left: u32,
    lives: u32,
    pub power_losses: u32,
    pub commits: u64,
    /// Each key and what was asked with it.
    pub calls: BTreeMap<String, Vec<Asked>>,
    pub owed: Vec<Owed>,
    /// Addresses at which a callback was acknowledged, with its token.
    pub acknowledged: Vec<(String, String)>,
    known: BTreeSet<String>,
}

pub struct World {
    seed: u64,
    /// Whether outages are so short and calls so quick that they cannot change what a run comes to.
    pub is_calm: bool,
    state: Mutex<State>,
    pub power_lost: Notify,
}

pub fn hash(seed: u64, text: &str) -> u64 {
    let mixed = text.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    Random::new(mixed).next()
}

impl World {
    pub fn new(seed: u64, is_calm: bool, crashes: u32) -> Arc<Self> {
        let state = State {
            faults: Random::new(seed ^ 0xfa17),
            draws: Random::new(seed ^ 0xd4a3),
            now: Timestamp::from_second(BEGIN).unwrap(),
            life_began: None,
            is_dark: false,
            is_faulty: false,
            commit_takes: None,
            crashes_left: crashes,
            lives: 0,
            power_losses: 0,
            commits: 0,
            calls: BTreeMap::new(),
            owed: Vec::new(),
            acknowledged: Vec::new(),
            known: BTreeSet::new(),
        };
        Arc::new(Self { seed, is_calm, state: Mutex::new(state), power_lost: Notify::new() })
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The machine is switched on, some time after it went off.
    pub fn begin_life(&self) {
        let mut state = self.state();
        let off = if self.is_calm { state.faults.below(1_000) } else { state.faults.below(20 * 60 * 1_000) };
        let off = if state.lives == 0 { 0 } else { off };
        state.now = state.now.checked_add(Duration::from_millis(off)).unwrap();
        state.life_began = Some((Instant::now(), state.now));
        state.is_dark = false;
    }

    /// Remembers what time it is: the runtime and its clock go.
    pub fn end_life(&self) {
        let mut state = self.state();
        state.now = state.time();
        state.life_began = None;
        state.lives += 1;
    }

    /// Time passes while the machine is off.
    pub fn skip(&self, by: Duration) {
        let mut state = self.state();
        state.now = state.now.checked_add(by).unwrap();
    }

    /// From now on each commit takes so long.
    pub fn slow_down(&self, takes: Duration) {
        self.state().commit_takes = Some(takes);
    }

    pub fn set_faulty(&self, is_faulty: bool) {
        self.state().is_faulty = is_faulty;
    }

    pub fn time(&self) -> Timestamp {
        self.state().time()
    }

    /// How the vendor answers a request, and how long it takes; none is never.
    fn answer(&self, request: &OutgoingRequest) -> Option<(Duration, Answer)> {
        let key = request.header("Idempotency-Key").expect("each call has a key").to_owned();
        let (_, command) = key.split_once('/').unwrap();
        let drawn = hash(self.seed, &format!("{} {command}", request.url));
        let takes = Duration::from_millis(if self.is_calm { drawn % 300 } else { drawn % 40_000 });
        let path = request.url.strip_prefix("https://vendor.example/").unwrap();
        let asked = Asked {
            method: request.method.to_string(),
            url: request.url.clone(),
            body: request.body.clone(),
        };
        self.state().calls.entry(key.clone()).or_default().push(asked);
        let fine = |token: u64| Ok((200, value!({ "verdict": (token % 97) })));
        let answer = match path.split('/').next().unwrap() {
            "never" => return None,
            "ask" if drawn.is_multiple_of(8) => Ok((400, value!({ "error": "no" }))),
            "ask" => {
                self.owe(&key, request, drawn, takes);
                Ok((202, value!({})))
            }
            "h" => match (drawn >> 8) % 12 {
                0..=6 => fine(drawn >> 20),
                7 => Ok((404, value!({ "error": "unknown" }))),
                8 => Ok((503, value!({}))),
                9 => Ok((429, value!({ "retry": 1 }))),
                10 => Ok((500, value!({}))),
                _ => Err(EgressError::BadGateway { host: "vendor.example".into(), why: "broken".into() }),
            },
            _ => fine(0),
        };
        Some((takes, answer))
    }

    /// Notes the callbacks that a subscription leads to; one that is repeated with its key leads to no more of them.
    fn owe(&self, key: &str, request: &OutgoingRequest, drawn: u64, takes: Duration) {
        let body = json::parse_bytes(&request.body).unwrap();
        let address = body.str_at(&["to"]).unwrap().to_owned();
        let mut state = self.state();
        if !state.known.insert(key.to_owned()) {
            return;
        }
        let seconds: &[u64] = match (drawn >> 9) % 7 {
            0 => &[0],
            1 => &[1],
            2 => &[180],
            3 => &[10, 11],
            4 => &[],
            5 => &[2 * 3_600],
            _ => &[40],
        };
        let now = state.time();
        for (nth, after) in seconds.iter().enumerate() {
            let early = if *after == 0 { takes / 2 } else { takes + Duration::from_secs(*after) };
            let due = now.checked_add(early).unwrap();
            state.owed.push(Owed { due, address: address.clone(), token: format!("token-{drawn}-{nth}") });
        }
    }
}

impl State {
    fn time(&self) -> Timestamp {
        match self.life_began {
            Some((began, at)) => at.checked_add(began.elapsed()).unwrap(),
            None => self.now,
        }
    }
}

impl Egress for World {
    fn send(
        &self,
        request: OutgoingRequest,
        _options: CallOptions,
    ) -> BoxFuture<'_, Result<IncomingResponse, EgressError>> {
        async move {
            if self.state().is_dark {
                std::future::pending::<()>().await;
            }
            let Some((takes, answer)) = self.answer(&request) else { return std::future::pending().await };
            tokio::time::sleep(takes).await;
            let (status, body) = answer?;
            let mut headers = vec![("Content-Type".into(), "application/json".into())];
            if status == 429 {
                headers.push(("Retry-After".into(), "3".into()));
            }
            Ok(IncomingResponse { status, headers, body: json::to_string(&body).into_bytes() })
        }
        .boxed()
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.time()
    }

    fn random(&self) -> u64 {
        self.state().draws.next()
    }
}

impl Faults for World {
    fn commit(&self) -> Commit {
        let mut state = self.state();
        state.commits += 1;
        let slow = if self.is_calm { 8 } else { 400 };
        let takes = Duration::from_micros(state.faults.below(slow * 1_000));
        let takes = state.commit_takes.unwrap_or(takes);
        let coin = state.faults.below(400);
        let kept = state.faults.chance(1, 2);
        let fate = match coin {
            _ if !state.is_faulty => Fate::Kept,
            0..=44 if state.crashes_left > 0 => {
                state.crashes_left -= 1;
                Fate::PowerLoss { kept }
            }
            45..=54 => Fate::Failed,
            55..=60 => Fate::Refused,
            61..=66 => Fate::Unknown { kept },
            _ => Fate::Kept,
        };
        Commit { takes, fate }
    }

    fn read(&self) -> Reading {
        let mut state = self.state();
        let takes = Duration::from_micros(state.faults.below(2_000));
        Reading { takes, fails: state.is_faulty && state.faults.chance(1, 200) }
    }

    fn answer(&self) -> Duration {
        let mut state = self.state();
        if !state.is_faulty {
            return Duration::ZERO;
        }
        match state.faults.below(40) {
            0 => Duration::from_millis(state.faults.below(3_000)),
            1..=20 => Duration::from_micros(state.faults.below(5_000)),
            _ => Duration::ZERO,
        }
    }

    fn power_lost(&self) {
        let mut state = self.state();
        state.is_dark = true;
        state.power_losses += 1;
        drop(state);
        self.power_lost.notify_one();
    }
}
