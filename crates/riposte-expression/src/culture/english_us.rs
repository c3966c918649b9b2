//! American English, as `cultures.txt` has it: here so that no file need be read for it.

use super::{Calendar, Culture, DateOrder, Dates, Groups, Layout, Numbers};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_SHORT: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const NUMBER: Layout = Layout {
    places: 3,
    groups: Groups { first: 3, rest: 3 },
    decimal: ".",
    group: ",",
    positive: "#",
    negative: "-#",
};

pub(crate) static EN_US: Culture = Culture {
    dates: Dates {
        months: MONTHS,
        months_short: MONTHS_SHORT,
        months_genitive: MONTHS,
        months_short_genitive: MONTHS_SHORT,
        days: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
        days_short: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
        am: "AM",
        pm: "PM",
        order: DateOrder::MonthDayYear,
        date_separator: "/",
        time_separator: ":",
        short_date: "M/d/yyyy",
        long_date: "dddd, MMMM d, yyyy",
        short_time: "h:mm tt",
        long_time: "h:mm:ss tt",
        month_day: "MMMM d",
        year_month: "MMMM yyyy",
        calendar: Calendar::Gregorian,
        era: "A.D.",
        two_digit_year_max: 2029,
    },
    numbers: Numbers {
        number: NUMBER,
        currency: Layout { places: 2, positive: "$#", negative: "-$#", ..NUMBER },
        percent: Layout { positive: "#%", negative: "-#%", ..NUMBER },
        minus: "-",
        plus: "+",
        currency_symbol: "$",
        percent_symbol: "%",
        per_mille_symbol: "‰",
        not_a_number: "NaN",
        infinity: "∞",
        negative_infinity: "-∞",
    },
};
