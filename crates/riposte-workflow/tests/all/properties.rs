//! Random workflows with random outcomes: they always end, a restart between any two events changes nothing, and
//! neither does an event that comes twice.

use super::harness::{Answered, Runner, Seen, Trouble, program, response, start};
use proptest::prelude::*;
use riposte_value::{Object, Value, value};
use riposte_workflow::{Command, Outcome, Program};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Draws one number after another from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn one<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }
}

/// Values of every kind, those among them that JSON does not know.
const KINDS: [&str; 14] = [
    "@decimal('1.50')",
    "@div(decimal('1'), 3)",
    "@createArray(decimal('79228162514264337593543950335'), 1)",
    "@mul(float('1e308'), 10)",
    "@sub(mul(float('1e308'), 10), mul(float('1e308'), 10))",
    "@json('{ \"n\": -0.0, \"f\": 5.0, \"i\": 5, \"u\": 18446744073709551615, \"big\": 123456789012345678901234567890 }')",
    "@9223372036854775807",
    "@float('5.0')",
    "@div(1.0, 3)",
    "@base64ToBinary('/wAB')",
    "@xml('<a b=\"1\">x<!--c--></a>')",
    "@json('{ \"$decimal\": \"1.5\" }')",
    "@json('{ \"$literal\": { \"$float\": \"NaN\" } }')",
    "@guid()",
];

/// Makes a definition. Names of actions known so far may be mentioned in expressions.
struct Maker {
    dice: Dice,
    known: Vec<String>,
    scopes: Vec<String>,
    loops: Vec<(String, bool)>,
    left: u64,
}

impl Maker {
    fn definition(seed: u64) -> Value {
        let mut maker =
            Self { dice: Dice(seed), known: Vec::new(), scopes: Vec::new(), loops: Vec::new(), left: 14 };
        let mut actions = Object::new();
        actions.insert(
            "Init",
            value!({ "type": "InitializeVariable", "inputs": { "variables": [
                { "name": "n", "type": "integer", "value": 0 }, { "name": "l", "type": "array", "value": [] }, { "name": "s", "type": "string" }
            ] } }),
        );
        let inner = maker.block(0);
        for (name, action) in inner {
            let mut action = action.as_object().unwrap().clone();
            if action.get("runAfter").and_then(Value::as_object).is_none_or(Object::is_empty) {
                action.insert("runAfter", value!({ "Init": ["Succeeded"] }));
            }
            actions.insert(name, action);
        }
        let mut definition = Object::new();
        definition.insert("triggers", value!({ "manual": { "type": "Request" } }));
        definition.insert("actions", actions);
        if maker.dice.roll(3) == 0 {
            definition.insert("outputs", value!({ "o": { "type": "array", "value": "@variables('l')" } }));
        }
        Value::from(definition)
    }

    fn block(&mut self, depth: u64) -> Object {
        let mut actions = Object::new();
        let mut siblings: Vec<String> = Vec::new();
        for _ in 0..=self.dice.roll(4) {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            let name = format!("A{}", self.known.len() + self.scopes.len());
            self.scopes.push(String::new());
            let mut action = self.action(&name, depth);
            let mut waits = Object::new();
            for before in &siblings {
                if self.dice.roll(3) == 0 {
                    waits.insert(before.as_str(), self.statuses());
                }
            }
            action.insert("runAfter", waits);
            actions.insert(name.as_str(), action);
            siblings.push(name.clone());
            self.known.push(name);
        }
        actions
    }

    fn statuses(&mut self) -> Value {
        let all = ["Succeeded", "Failed", "Skipped", "TimedOut"];
        let mut chosen: Vec<Value> =
            all.iter().filter(|_| self.dice.roll(2) == 0).map(|s| Value::from(*s)).collect();
        if chosen.is_empty() {
            chosen.push(Value::from("Succeeded"));
        }
        Value::from(chosen)
    }

    fn expression(&mut self) -> String {
        let known = if self.known.is_empty() {
            "Init".to_owned()
        } else {
            self.known[usize::try_from(self.dice.roll(self.known.len() as u64)).unwrap()].clone()
        };
        let around = self.loops.last().cloned();
        match (self.dice.roll(14), around) {
            (0, _) => "@variables('n')".into(),
            (1, _) => "@int('x')".into(),
            (2, _) => format!("@outputs('{known}')"),
            (3, _) => format!("@string(body('{known}'))"),
            (4, _) => format!("@string(actions('{known}')?['status'])"),
            (5, _) => "@guid()".into(),
            (6, Some((name, true))) => format!("@concat(string(item()), string(items('{name}')))"),
            (6, Some((name, false))) => format!("@iterationIndexes('{name}')"),
            (7, _) => {
                let scopes: Vec<&String> = self.scopes.iter().filter(|name| !name.is_empty()).collect();
                match scopes.first() {
                    Some(scope) => format!("@length(result('{scope}'))"),
                    None => "@utcNow()".into(),
                }
            }
            (8, _) => "@length(variables('l'))".into(),
            (9, _) => "@null".into(),
            (10, _) => self.dice.one(&KINDS).into(),
            (11, _) => format!("@concat('is ', string(outputs('{known}')))"),
            _ => "plain".into(),
        }
    }

    fn action(&mut self, name: &str, depth: u64) -> Object {
        let expression = self.expression();
        let kind = self.dice.roll(if depth < 3 { 20 } else { 13 });
        let mut action = match kind {
            0 | 1 => value!({ "type": "Compose", "inputs": expression }),
            2 => value!({ "type": "IncrementVariable", "inputs": { "name": "n" } }),
            3 => value!({ "type": "AppendToArrayVariable", "inputs": { "name": "l", "value": expression } }),
            4 => value!({ "type": "AppendToStringVariable", "inputs": { "name": "s", "value": expression } }),
            5 => {
                value!({ "type": "Wait", "limit": { "timeout": self.dice.one(&["PT90S", "P1D"]) },
                    "inputs": { "interval": { "count": self.dice.roll(3), "unit": "Minute" } } })
            }
            6 => {
                value!({ "type": "Select", "inputs": { "from": "@variables('l')", "select": { "i": "@item()", "e": expression } } })
            }
            7 => value!({ "type": "Response", "inputs": { "statusCode": 200, "body": expression } }),
            8 if self.dice.roll(4) == 0 => {
                value!({ "type": "Terminate", "inputs": { "runStatus": self.dice.one(&["Failed", "Succeeded", "Cancelled"]), "runError": { "code": "E", "message": "m" } } })
            }
            8..=11 => self.call(&expression),
            12 => value!({ "type": "ApiConnectionWebhook", "limit": { "timeout": "PT1H" }, "inputs": {
                "host": { "connection": { "name": "c" } }, "path": "/p", "body": { "url": "@listCallbackUrl()" } } }),
            _ => self.container(name, depth),
        };
        let action = action.as_object_mut().unwrap();
        if self.dice.roll(8) == 0 {
            action.insert(
                "runtimeConfiguration",
                value!({ "secureData": { "properties": ["inputs", "outputs"] } }),
            );
        }
        if self.dice.roll(8) == 0 {
            action.insert("trackedProperties", value!({ "s": "@action()['status']" }));
        }
        action.clone()
    }

    fn call(&mut self, expression: &str) -> Value {
        let retry = self.dice.one(&["none", "fixed", "exponential", "default"]);
        let mut call = value!({ "type": "Http", "inputs": { "method": "POST", "uri": "https://e.example", "body": expression,
            "retryPolicy": { "type": retry, "count": self.dice.roll(3), "interval": "PT10S" } } });
        if self.dice.roll(3) == 0 {
            call.as_object_mut().unwrap().insert("limit", value!({ "timeout": "PT25S" }));
        }
        call
    }

    fn container(&mut self, name: &str, depth: u64) -> Value {
        let expression = self.expression();
        let mut container = match self.dice.roll(5) {
            0 => value!({ "type": "Scope" }),
            1 => value!({ "type": "If", "expression": { "equals": [expression, "plain"] } }),
            2 => value!({ "type": "Switch", "expression": expression }),
            3 => {
                let items = self.dice.one(&[
                    "@range(0, 3)",
                    "@createArray(1, 2)",
                    "@json('[]')",
                    "@variables('l')",
                    "@variables('n')",
                ]);
                value!({ "type": "Foreach", "foreach": items, "runtimeConfiguration": { "concurrency": { "repetitions": 1 + self.dice.roll(3) } } })
            }
            _ => {
                value!({ "type": "Until", "expression": "@greater(variables('n'), 2)", "limit": { "count": 1 + self.dice.roll(3), "timeout": "PT10M" } })
            }
        };
        let kind = container.str_at(&["type"]).unwrap().to_owned();
        if kind != "Until" && self.dice.roll(4) == 0 {
            let limit = value!({ "timeout": self.dice.one(&["PT90S", "PT5S", "PT2M"]) });
            container.as_object_mut().unwrap().insert("limit", limit);
        }
        let is_loop = matches!(kind.as_str(), "Foreach" | "Until");
        if is_loop {
            self.loops.push((name.to_owned(), kind == "Foreach"));
        }
        let first = Value::from(self.block(depth + 1));
        let object = container.as_object_mut().unwrap();
        if kind == "Switch" {
            let other = Value::from(self.block(depth + 1));
            object.insert(
                "cases",
                Value::object([("One", Value::object([("case", Value::text("plain")), ("actions", first)]))]),
            );
            object.insert("default", Value::object([("actions", other)]));
        } else {
            object.insert("actions", first);
        }
        if kind == "If" {
            let other = Value::from(self.block(depth + 1));
            object.insert("else", Value::object([("actions", other)]));
        }
        if is_loop {
            self.loops.pop();
        }
        // loops too are asked for their result, from later actions
        self.scopes.push(name.to_owned());
        container
    }
}

/// What a call is answered depends on its id alone, so that the same run comes out however it is disturbed.
fn answer(seed: u64, command: &Command) -> Answered {
    let mut hasher = DefaultHasher::new();
    (seed, command.id.as_str()).hash(&mut hasher);
    let mut dice = Dice(hasher.finish());
    let webhook = command.kind.awaits_callback();
    let polls = command.id.as_str().split('.').nth(1).and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
    let mut headers = Object::new();
    headers.insert("Location", "https://e.example/op");
    let outcome = match dice.roll(9) {
        0 => response(404, Object::new(), Some(Value::text("gone"))),
        1 => response(503, Object::new(), None),
        2 if polls < 3 => response(202, headers, None),
        3 => Outcome::NoResponse { code: "BadGateway".into(), message: "no".into() },
        4 => Outcome::NoResponse { code: "ActionTimedOut".into(), message: "late".into() },
        _ => response(200, Object::new(), Some(value!({ "r": dice.roll(5) }))),
    };
    if webhook {
        let request = (dice.roll(2) == 0).then(|| value!({ "body": { "SelectedOption": "Approve" } }));
        return Answered::Callback { outcome, request };
    }
    Answered::Outcome(outcome)
}

fn run(program: &Program, seed: u64, trouble: Trouble, cancel_after: Option<usize>) -> Seen {
    let mut begin = start(value!({ "body": { "a": 1 } }));
    begin.caller_waits_until = seed.is_multiple_of(2).then_some(jiff::Timestamp::MAX);
    Runner::new(program, trouble).run(begin, &mut |command| answer(seed, command), cancel_after)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_workflows(seed in any::<u64>(), shuffle in 1_u64..u64::MAX, cancel in 0_usize..12) {
        let definition = Maker::definition(seed);
        let program = program(&definition).unwrap_or_else(|why| panic!("{why}: {definition}"));
        let plain = run(&program, seed, Trouble::default(), None);
        for trouble in [
            Trouble { restart: true, ..Trouble::default() },
            Trouble { restart: true, repeat: true, shuffle: 0 },
        ] {
            let disturbed = run(&program, seed, trouble, None);
            prop_assert_eq!(&disturbed, &plain, "{:?}", definition);
            // equal numbers may look different: a decimal keeps its scale
            prop_assert_eq!(format!("{disturbed:?}"), format!("{plain:?}"), "{:?}", definition);
        }
        let shuffled = run(&program, seed, Trouble { shuffle, ..Trouble::default() }, None);
        let restarted = run(&program, seed, Trouble { shuffle, restart: true, repeat: true }, None);
        prop_assert_eq!(&restarted, &shuffled, "{:?}", definition);
        let cancelled = run(&program, seed, Trouble { restart: true, ..Trouble::default() }, Some(cancel));
        prop_assert!(cancelled.records.iter().all(|record| record.status.is_terminal()));
    }

    /// A run that is opened again ends, asks for nothing under an id that it has used, and keeps what succeeded where
    /// nothing failed.
    #[test]
    fn opened_again(seed in any::<u64>()) {
        let definition = Maker::definition(seed);
        let program = program(&definition).unwrap_or_else(|why| panic!("{why}: {definition}"));
        let begin = start(value!({ "body": { "a": 1 } }));
        let mut well = |command: &Command| {
            let outcome = response(200, Object::new(), Some(value!({ "r": 1 })));
            if command.kind.awaits_callback() {
                Answered::Callback { outcome, request: Some(value!({ "body": {} })) }
            } else {
                Answered::Outcome(outcome)
            }
        };
        let runner = Runner::new(&program, Trouble::default());
        if let Some([first, second]) = runner.run_again(begin, &mut |command| answer(seed, command), &mut well) {
            let used: Vec<_> = first.calls.iter().map(|call| &call.id).collect();
            for call in &second.calls {
                prop_assert!(!used.contains(&&call.id), "{} again: {:?}", call.id, definition);
            }
            for record in &second.records {
                prop_assert!(record.status.is_terminal(), "{}: {:?}", record.name, definition);
            }
            let done = |records: &[riposte_workflow::ActionRecord]| {
                records.iter().filter(|record| record.status == riposte_workflow::Status::Succeeded).count()
            };
            prop_assert!(!second.calls.is_empty() || done(&second.records) > 0 || done(&first.records) == 0);
        }
    }

    #[test]
    fn compiling_anything_does_not_panic(seed in any::<u64>(), hits in 1_usize..6) {
        let mut definition = Maker::definition(seed);
        let mut dice = Dice(seed ^ 7);
        for _ in 0..hits {
            damage(&mut definition, &mut dice);
        }
        let (program, diagnostics) = riposte_workflow::compile(&definition);
        prop_assert_eq!(program.is_none(), riposte_diagnostic::has_errors(&diagnostics));
        if let Some(program) = program {
            run(&program, seed, Trouble::default(), None);
        }
    }
}

/// Replaces something, somewhere, by something else.
fn damage(value: &mut Value, dice: &mut Dice) {
    let things = [
        Value::Null,
        value!(7),
        value!("@item()"),
        value!("@{"),
        value!([]),
        value!({}),
        value!("@body('A1')"),
        value!(true),
        value!("Foreach"),
    ];
    let deeper = dice.roll(5) > 0;
    let inner = match value {
        Value::Object(_) => {
            let object = value.as_object_mut().unwrap();
            let count = object.len().max(1) as u64;
            let chosen = usize::try_from(dice.roll(count)).unwrap();
            object.iter_mut().nth(chosen).map(|(_, inner)| inner)
        }
        Value::Array(_) => {
            let items = value.as_array_mut().unwrap();
            let count = items.len().max(1) as u64;
            items.get_mut(usize::try_from(dice.roll(count)).unwrap())
        }
        _ => None,
    };
    match inner {
        Some(inner) if deeper => damage(inner, dice),
        Some(inner) => *inner = things[usize::try_from(dice.roll(things.len() as u64)).unwrap()].clone(),
        None => *value = things[usize::try_from(dice.roll(things.len() as u64)).unwrap()].clone(),
    }
}
