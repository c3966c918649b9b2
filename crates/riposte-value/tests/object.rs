//! Objects against a plain list, small ones and ones that keep a table.

use proptest::prelude::*;
use riposte_value::{LastPlace, Object, Value};

#[derive(Debug, Clone)]
enum Step {
    Insert(String, i64),
    InsertLast(String, i64),
    Remove(String),
    RemoveIgnoreCase(String),
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-f]",
        "[A-F]",
        "a name that is longer than what fits in place [a-h]",
        "[äÄéÉ\u{212a}kK]{1,2}"
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (name(), any::<i64>()).prop_map(|(name, i)| Step::Insert(name, i)),
        2 => (name(), any::<i64>()).prop_map(|(name, i)| Step::InsertLast(name, i)),
        1 => name().prop_map(Step::Remove),
        1 => name().prop_map(Step::RemoveIgnoreCase),
    ]
}

fn place(model: &[(String, i64)], name: &str) -> Option<usize> {
    model.iter().position(|(key, _)| key == name)
}

fn place_ignore_case(model: &[(String, i64)], name: &str) -> Option<usize> {
    place(model, name).or_else(|| model.iter().position(|(key, _)| key.to_lowercase() == name.to_lowercase()))
}

proptest! {
    #[test]
    fn an_object_is_a_list_of_distinct_names(steps in prop::collection::vec(step(), 0..60), asked in name()) {
        let mut object = Object::new();
        let mut model: Vec<(String, i64)> = Vec::new();
        let last = LastPlace::default();
        for step in steps {
            match step {
                Step::Insert(name, i) => {
                    let before = match place(&model, &name) {
                        Some(at) => Some(std::mem::replace(&mut model[at].1, i)),
                        None => { model.push((name.clone(), i)); None }
                    };
                    prop_assert_eq!(object.insert(name, i), before.map(Value::Int));
                }
                Step::InsertLast(name, i) => {
                    model.retain(|(key, _)| *key != name);
                    model.push((name.clone(), i));
                    object.insert_last(name, i);
                }
                Step::Remove(name) => {
                    let before = place(&model, &name).map(|at| model.remove(at).1);
                    prop_assert_eq!(object.remove(&name), before.map(Value::Int));
                }
                Step::RemoveIgnoreCase(name) => {
                    let before = place_ignore_case(&model, &name).map(|at| model.remove(at).1);
                    prop_assert_eq!(object.remove_ignore_case(&name).map(|(_, value)| value), before.map(Value::Int));
                }
            }
            prop_assert_eq!(object.get_ignore_case_at_last(&asked, &last), object.get_ignore_case(&asked));
        }
        let listed: Vec<_> = object.iter().map(|(name, value)| (name.to_string(), value.as_i64().unwrap())).collect();
        prop_assert_eq!(&listed, &model);
        let value_of = |at: Option<usize>| at.map(|at| Value::Int(model[at].1));
        prop_assert_eq!(object.get(&asked).cloned(), value_of(place(&model, &asked)));
        prop_assert_eq!(object.get_ignore_case(&asked).cloned(), value_of(place_ignore_case(&model, &asked)));
        let backwards: Object = object.clone().into_iter().rev().collect();
        prop_assert_eq!(backwards, object);
    }
}
