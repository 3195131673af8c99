#include "app/report_configuration.hpp"

#include <charconv>

namespace madoguchi::app {
namespace {

namespace po = boost::program_options;

constexpr int kReminderHour = 17;  // people are still there
constexpr int kNever = 24;
constexpr std::chrono::minutes kLatestDeadline = std::chrono::hours(48);  // drafts can't be sent later than that

tl::unexpected<Error> wrong(std::string detail) {
    return failure(ErrorKind::invalid, "configuration", std::move(detail));
}

// "24:00", "17:30"; "33:00" is 9:00 of the next morning.
std::optional<std::chrono::minutes> time_of_day(const std::string& text) {
    const auto colon = text.find(':');
    if (colon == std::string::npos || colon == 0 || text.size() != colon + 3) {
        return std::nullopt;
    }
    int hours = 0;
    int minutes = 0;
    const auto* middle = text.data() + colon;
    const auto* end = text.data() + text.size();
    const auto read_hours = std::from_chars(text.data(), middle, hours);
    const auto read_minutes = std::from_chars(middle + 1, end, minutes);
    const bool whole = read_hours.ec == std::errc{} && read_hours.ptr == middle && read_minutes.ec == std::errc{} &&
                       read_minutes.ptr == end;
    if (!whole || hours < 0 || minutes < 0 || minutes > 59) {
        return std::nullopt;
    }
    return std::chrono::hours(hours) + std::chrono::minutes(minutes);
}

}  // namespace

void add_report_keys(po::options_description& keys) {
    keys.add_options()(
        "reports.corrections", po::value<std::string>()->default_value("next-day"),
        "next-day: mistakes are adjusted with a later day's report; same-day: who reported corrects until "
        "24:00; retroactive: health centres and prefectures afterwards too");
    keys.add_options()("reports.reminder-hour", po::value<int>()->default_value(kReminderHour),
                       "from this hour on, who typed a report and has not sent it gets a message; 24: nobody");
    keys.add_options()("reports.deadline", po::value<std::string>()->default_value("24:00"),
                       "a report sent later counts as late; up to 48:00, 24:00 of the next day");
    keys.add_options()(
        "reports.weekdays", po::value<std::string>()->default_value("1-6"),
        "the weekdays on which organizations without a schedule of their own report, 1 for Monday to 7 for "
        "Sunday, as 1-6 or 1-5; h behind it: on public holidays too");
}

Result<reports::Schedule> read_report_schedule(const po::variables_map& values) {
    auto text = values["reports.weekdays"].as<std::string>();
    reports::Schedule out{.on = {}, .on_holidays = text.ends_with('h')};
    if (out.on_holidays) {
        text.pop_back();
    }
    const bool whole = text.size() == 3 && text[1] == '-' && text[0] >= '1' && text[0] <= text[2] && text[2] <= '7';
    if (!whole) {
        return wrong("reports.weekdays is a range of weekdays as 1-6 or 1-7h, not " +
                     values["reports.weekdays"].as<std::string>());
    }
    for (auto day = static_cast<std::size_t>(text[0] - '1'); day <= static_cast<std::size_t>(text[2] - '1'); ++day) {
        out.on.at(day) = true;
    }
    return out;
}

Result<reports::ReportPolicy> read_report_policy(const po::variables_map& values) {
    reports::ReportPolicy out;
    const auto corrections = values["reports.corrections"].as<std::string>();
    const auto known = reports::corrections(corrections);
    if (!known) {
        return wrong("reports.corrections is next-day, same-day or retroactive, not " + corrections);
    }
    out.corrections = *known;
    const auto deadline = values["reports.deadline"].as<std::string>();
    const auto read = time_of_day(deadline);
    if (!read || *read == std::chrono::minutes(0) || *read > kLatestDeadline) {
        return wrong("reports.deadline is a time from 0:01 to 48:00 as 24:00, not " + deadline);
    }
    out.deadline = *read;
    if (const int hour = values["reports.reminder-hour"].as<int>(); hour < 0 || hour > kNever) {
        return wrong("reports.reminder-hour is 0 to 24");
    }
    return out;
}

}  // namespace madoguchi::app
