//! American English.

use super::{Culture, DateOrder, Dates, Numbers};

pub(crate) static EN_US: Culture = Culture {
    name: "en-US",
    dates: Dates {
        months: [
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
        ],
        months_short: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
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
    },
    numbers: Numbers {
        decimal: ".",
        group: ",",
        percent: "n%",
        currency: "$n",
        symbol: "$",
        currency_digits: 2,
    },
};
