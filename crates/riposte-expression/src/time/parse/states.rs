//! Which tokens may follow which, and what they make together: the forms that .NET's `DateTime.Parse` knows.

/// What was read, together with what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// A number of one or two digits.
    Number(After),
    /// A number of three digits or more: a year.
    Year(After),
    /// The name of a month.
    Month(After),
    /// A number that a word after it says to be of a date (`年`, `月`, `日`).
    DateUnit,
    /// A number that a word after it says to be of a time (`時`, `分`, `秒`).
    TimeUnit,
    Weekday,
    Zone,
    Era,
    End,
}

/// What stands after a number or a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    End,
    /// A blank, or nothing that separates.
    Space,
    DateSeparator,
    TimeSeparator,
    /// AM or PM
    Half,
}

/// What has been read of a date or a time. `N` is a number, `M` the name of a month, `Y` a year; a dash stands for a
/// date separator that something must follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Start,
    N,
    NN,
    NDash,
    NDashN,
    NDashNDash,
    M,
    MN,
    NM,
    MNDash,
    /// A number, then numbers with their units.
    NUnits,
    Y,
    YN,
    YNDash,
    YM,
    YMDash,
    DateUnits,
    TimeUnits,
    /// An hour and a colon.
    Hour,
    /// An hour, a minute and a colon after each.
    HourMinute,
}

/// A date or a time that is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    NN,
    Nnn,
    MN,
    NM,
    /// A month and two numbers.
    Mnn,
    Ynn,
    Nny,
    Ymn,
    YN,
    YM,
    DateUnits,
    DateUnitsN,
    NUnits,
    NNUnits,
    Hour,
    HourMinute,
    HourMinuteSecond,
    TimeUnits,
}

/// Where a token leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Go(State),
    Done(Whole),
    Bad,
}

/// The step from a state by a token.
pub(super) fn step(state: State, token: Token) -> Step {
    match token {
        Token::Weekday if state != State::Hour => Step::Go(match state {
            State::YNDash => State::YN,
            State::YMDash => State::YM,
            other => other,
        }),
        Token::Era => Step::Go(match state {
            State::YNDash => State::YN,
            State::YMDash => State::YM,
            other => other,
        }),
        Token::Zone if takes_zone(state) => Step::Go(state),
        Token::Weekday | Token::Zone => Step::Bad,
        Token::Number(after) => number(state, after),
        Token::Year(after) => year(state, after),
        Token::Month(after) => month(state, after),
        Token::DateUnit => date_unit(state),
        Token::TimeUnit => time_unit(state),
        Token::End => end(state),
    }
}

const fn takes_zone(state: State) -> bool {
    matches!(state, State::Start | State::N | State::NN | State::TimeUnits | State::Hour | State::HourMinute)
}

fn number(state: State, after: After) -> Step {
    use After as A;
    use State as S;
    use Whole as W;
    match (state, after) {
        (S::Start | S::NN | S::NDashN | S::DateUnits, A::Half) => Step::Done(W::Hour),
        (S::Start, A::Space) => Step::Go(S::N),
        (S::Start | S::TimeUnits, A::DateSeparator) => Step::Go(S::NDash),
        (S::Start | S::NN | S::NDashN | S::MN | S::NM | S::NUnits, A::TimeSeparator)
        | (S::DateUnits, A::TimeSeparator | A::Space)
        | (S::TimeUnits, A::Space) => Step::Go(S::Hour),
        (S::N | S::NDash, A::End) => Step::Done(W::NN),
        (S::N, A::Space) => Step::Go(S::NN),
        (S::NDash, A::Space) => Step::Go(S::NDashN),
        (S::N | S::NDash, A::DateSeparator) => Step::Go(S::NDashNDash),
        (S::NN | S::NDashN, A::End | A::Space) | (S::NDashNDash, A::End | A::Space | A::Half) => {
            Step::Done(W::Nnn)
        }
        (S::M, A::End) => Step::Done(W::MN),
        (S::M, A::Space) => Step::Go(S::MN),
        (S::M, A::DateSeparator) => Step::Go(S::MNDash),
        (S::MN | S::NM, A::End | A::Space | A::Half) | (S::MNDash, A::End | A::Space) => Step::Done(W::Mnn),
        (S::NUnits, A::End | A::Space | A::Half) => Step::Done(W::NNUnits),
        (S::Y, A::End) => Step::Done(W::YN),
        (S::Y, A::Space) => Step::Go(S::YN),
        (S::Y, A::DateSeparator) => Step::Go(S::YNDash),
        (S::YN | S::YNDash, A::End | A::Space | A::Half) => Step::Done(W::Ynn),
        (S::YM | S::YMDash, A::End | A::Space | A::Half) => Step::Done(W::Ymn),
        (S::DateUnits, A::End) => Step::Done(W::DateUnitsN),
        (S::TimeUnits, A::End | A::Half) => Step::Done(W::TimeUnits),
        (S::Hour, A::TimeSeparator) => Step::Go(S::HourMinute),
        (S::Hour, A::End | A::Space | A::Half) => Step::Done(W::HourMinute),
        (S::HourMinute, A::End | A::Space | A::Half) => Step::Done(W::HourMinuteSecond),
        _ => Step::Bad,
    }
}

fn year(state: State, after: After) -> Step {
    use After as A;
    use State as S;
    use Whole as W;
    match (state, after) {
        (S::Start, A::Space | A::DateSeparator) => Step::Go(S::Y),
        (S::N | S::NDash, A::Space) => Step::Go(S::YN),
        (S::N | S::NDash, A::DateSeparator) => Step::Go(S::YNDash),
        (S::N | S::NDash, A::End) => Step::Done(W::YN),
        (S::NN | S::NDashN | S::NDashNDash, A::Space | A::End) => Step::Done(W::Nny),
        (S::M, A::Space) => Step::Go(S::YM),
        (S::M, A::DateSeparator) => Step::Go(S::YMDash),
        (S::M, A::End) => Step::Done(W::YM),
        (S::MN | S::NM | S::MNDash, A::Space | A::End) => Step::Done(W::Ymn),
        _ => Step::Bad,
    }
}

fn month(state: State, after: After) -> Step {
    use After as A;
    use State as S;
    use Whole as W;
    match (state, after) {
        (S::Start, A::Space | A::DateSeparator) => Step::Go(S::M),
        (S::N | S::NDash | S::Hour, A::End) => Step::Done(W::NM),
        (S::N | S::Hour, A::Space) => Step::Go(S::NM),
        (S::NDash, A::Space) => Step::Go(S::MN),
        (S::N | S::NDash, A::DateSeparator) => Step::Go(S::MNDash),
        (S::NN | S::NDashN | S::NDashNDash, A::End | A::Space) => Step::Done(W::Mnn),
        (S::Y, A::End) => Step::Done(W::YM),
        (S::Y, A::Space) => Step::Go(S::YM),
        (S::Y, A::DateSeparator) => Step::Go(S::YMDash),
        (S::YN | S::YNDash, A::End | A::Space) => Step::Done(W::Ymn),
        _ => Step::Bad,
    }
}

fn date_unit(state: State) -> Step {
    use State as S;
    match state {
        S::Start | S::DateUnits | S::TimeUnits => Step::Go(S::DateUnits),
        S::N | S::NUnits => Step::Go(S::NUnits),
        S::NDashN | S::NDashNDash | S::MN | S::NM => Step::Done(Whole::DateUnits),
        S::Y => Step::Go(S::YM),
        _ => Step::Bad,
    }
}

fn time_unit(state: State) -> Step {
    use State as S;
    match state {
        S::Start
        | S::NN
        | S::NDashN
        | S::MN
        | S::NM
        | S::NUnits
        | S::DateUnits
        | S::TimeUnits
        | S::Hour
        | S::HourMinute => Step::Go(S::TimeUnits),
        _ => Step::Bad,
    }
}

fn end(state: State) -> Step {
    use State as S;
    use Whole as W;
    match state {
        S::Start => Step::Go(S::Start),
        S::NN | S::NDashN => Step::Done(W::NN),
        S::MN => Step::Done(W::MN),
        S::NM => Step::Done(W::NM),
        S::NUnits => Step::Done(W::NUnits),
        S::YN => Step::Done(W::YN),
        S::YM => Step::Done(W::YM),
        S::DateUnits => Step::Done(W::DateUnits),
        S::TimeUnits => Step::Done(W::TimeUnits),
        _ => Step::Bad,
    }
}
