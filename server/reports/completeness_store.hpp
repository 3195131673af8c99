// SQL of completeness. The policies show a transaction only what lies within its jurisdiction.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/actor.hpp"
#include "db/database.hpp"
#include "directory/authorization.hpp"
#include "reports/completeness.hpp"

namespace madoguchi::reports {

/// Which organizations a list shows. never: those without any report at all.
enum class Shown { all, silent, draft, never };
inline constexpr std::array kShown = {Shown::all, Shown::silent, Shown::draft, Shown::never};
std::string_view to_text(Shown shown);
std::optional<Shown> shown(std::string_view text);

/// What somebody would look at first. usual: nothing is wrong.
enum class Concern { silent, draft, usual, never };

struct CompletenessQuestion {
    ReportDate from;
    ReportDate to;  // today
    Shown shown = Shown::all;
    std::string word = {};      // as typed; empty: no search
    OrganizationId under = {};  // 0: the whole jurisdiction
    OrganizationId after = {};  // the last row of the page before
    int limit = 50;
};

/// What a schedule means for a day. `weekdays` kUsual: those without a schedule of their own; kUnasked: health centres
/// without one, of whom nobody expects a report.
struct SchedulePattern {
    static constexpr int kUsual = -1;
    static constexpr int kUnasked = -2;
    int weekdays = kUsual;
    bool on_holidays = false;
    ReportDate last_due;  // the last expected day whose deadline has passed; 1970: there is none
    bool expected_today = false;
};

struct OrganizationStanding {
    directory::OrganizationRef organization;
    std::string sort_key;
    std::string phone;
    Concern concern = Concern::usual;
    std::optional<ReportDate> first_date;
    std::optional<ReportDate> last_date;
    std::optional<Schedule> schedule;  // nothing: the configured one
    bool draft_waits = false;          // one that can still be sent
    Instant created_at;
    std::optional<Instant> reminded_at;  // today
};

/// Today's figures. Expected organizations and those that reported unasked are the base.
struct Tally {
    std::int64_t expected = 0;
    std::int64_t received = 0;
    std::int64_t drafts = 0;
    std::int64_t waiting = 0;  // came on paper and is not typed yet
    std::int64_t silent = 0;   // as of the last day that is due, nothing on paper either

    Tally& operator+=(const Tally& other);
};

/// A prefecture or health centre right below the place looked at.
struct UnitTally {
    directory::OrganizationRef organization;
    Tally tally;
};

struct DayTotal {
    std::int64_t expected = 0;  // and those that reported unasked
    std::int64_t received = 0;
    std::int64_t on_time = 0;
};

/// Organizations of one unit with one schedule, by the day from which reports of them are expected.
struct StandingCount {
    OrganizationId unit;  // right below the place looked at; 0: there is none, or none was asked for
    std::optional<Schedule> schedule;
    ReportDate since;
    std::int64_t asked = 0;     // of whom reports may be expected at all
    std::int64_t expected = 0;  // today, as in Tally
    std::int64_t received = 0;
    std::int64_t silent = 0;

    Tally tally() const { return {.expected = expected, .received = received, .silent = silent}; }
};

/// Reports of one day by organizations with one schedule. `asked`: a report of theirs may be expected at all.
struct ReceivedCount {
    ReportDate date;
    std::optional<Schedule> schedule;
    bool asked = true;
    std::int64_t received = 0;
    std::int64_t on_time = 0;
};

class CompletenessStore {
public:
    /// The schedules that anybody within the jurisdiction has.
    Result<std::vector<Schedule>> schedules(db::Transaction& tx) const;

    /// In the order of Concern, then whoever reported longest ago. `after`: the standing of `question.after`.
    Result<std::vector<OrganizationStanding>> list(db::Transaction& tx, const CompletenessQuestion& question,
                                                   const std::vector<SchedulePattern>& patterns,
                                                   const std::optional<OrganizationStanding>& after,
                                                   ReportDate drafts_from) const;
    /// Nothing: no such organization here, or not one that reports.
    Result<std::optional<OrganizationStanding>> find(db::Transaction& tx, OrganizationId organization, ReportDate today,
                                                     const std::vector<SchedulePattern>& patterns,
                                                     ReportDate drafts_from) const;
    /// All organizations in question, each counted once. `path`: of the place whose units are told apart; empty: none.
    Result<std::vector<StandingCount>> counts(db::Transaction& tx, const CompletenessQuestion& question,
                                              const std::string& path,
                                              const std::vector<SchedulePattern>& patterns) const;
    /// Drafts and what came on paper, of today.
    Result<Tally> waiting(db::Transaction& tx, const CompletenessQuestion& question) const;
    /// Prefectures and health centres right below the organization with this path, with what waits there.
    Result<std::vector<UnitTally>> units(db::Transaction& tx, const std::string& path, ReportDate today) const;
    /// Nothing: it lies outside.
    Result<std::optional<directory::OrganizationRef>> find_place(db::Transaction& tx, OrganizationId place) const;
    /// From the organization at `top` down to the one at `path`, both included.
    Result<std::vector<directory::OrganizationRef>> places_between(db::Transaction& tx, const std::string& top,
                                                                   const std::string& path) const;
    Result<std::vector<ReceivedCount>> received(db::Transaction& tx, OrganizationId under, ReportDate from,
                                                ReportDate to) const;

    using Days = std::map<OrganizationId, std::map<ReportDate, DayFacts>>;
    /// Reports, drafts and what waits on paper, of these organizations.
    Result<Days> days(db::Transaction& tx, const std::vector<std::int64_t>& organizations, ReportDate from,
                      ReportDate to) const;

private:
    /// The paths that lie below a place: `from` and what comes behind it, up to `below`.
    struct Part {
        std::string from, below;
    };
    Result<Part> part_of_country(db::Transaction& tx, OrganizationId under) const;
};

/// Of a row with weekdays and on_holidays.
std::optional<Schedule> schedule_of(const db::Row& row);
directory::OrganizationRef place_of(const db::Row& row);

}  // namespace madoguchi::reports
