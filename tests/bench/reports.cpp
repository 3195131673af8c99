#include "reports.hpp"

#include <array>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "base/time.hpp"
#include "browsing.hpp"
#include "figures.hpp"
#include "load.hpp"
#include "reports/report_date.hpp"
#include "subject.hpp"

namespace madoguchi::bench {
namespace {

constexpr int kOrganizations = 40'000;
constexpr int kFewOrganizations = 4'000;
constexpr int kRounds = 5;
constexpr int kPeopleAtOnce = 32;
constexpr int kFloorSeconds = 5;
constexpr int kDays = 365;
constexpr int kUsualDays = 28;  // what a report is compared with
constexpr int kReaders = 2;
constexpr int kWarmUp = 20;
constexpr int kAsksARound = 60;

/// What the clinics of one round share: each reports once.
struct Hour {
    const Subject& subject;
    const std::vector<std::string>& tokens;
    std::string date;
    int next;
    int last;
};

/// One connection, over which one clinic after the other reports.
class Reporting final : public Conversation {
public:
    explicit Reporting(Hour& hour) : hour_(hour) {}

    std::optional<Call> next(const Reply* previous) override {
        if (previous != nullptr && previous->status != 201) {
            throw std::runtime_error(fmt::format("a report was answered {}: {}", previous->status, previous->body));
        }
        if (hour_.next > hour_.last) {
            return std::nullopt;
        }
        const int clinic = hour_.next++;
        const auto headers =
            fmt::format("{}Authorization: Bearer {}\r\nIdempotency-Key: hour-{}\r\n", hour_.subject.from_place(clinic),
                        hour_.tokens.at(static_cast<std::size_t>(clinic)), clinic);
        const auto json = fmt::format(
            R"({{"report_date":"{}","age_0":0,"age_1_4":1,"age_5_9":2,"age_10":{},"age_20":4,"age_30":3,"age_40":2,"age_50":1,)"
            R"("age_60_64":0,"age_65_69":0,"age_70":1,"age_80":0,"age_90":0,"age_unknown":0}})",
            hour_.date, clinic % 9);
        return Call{
            hour_.subject.interactive(),
            request({.method = "POST", .target = "/api/v1/daily-reports", .extra_headers = headers, .json = json})};
    }

private:
    Hour& hour_;
};

std::string first_line(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    std::array<char, 256> buffer{};
    if (!pipe || std::fgets(buffer.data(), buffer.size(), pipe.get()) == nullptr) {
        throw std::runtime_error("no answer from: " + command);
    }
    return buffer.data();
}

// As many connections as the server has threads that report.
double bare_inserts_a_second(const Subject& subject) {
    const auto script = subject.database_directory() / "insert.sql";
    const auto command = fmt::format(
        "PATH=$PATH:$(pg_config --bindir 2>/dev/null):/usr/lib/postgresql/15/bin; "
        "echo \"insert into bare_reports (note) values ('reported')\" > '{0}'; "
        "pgbench --no-vacuum --protocol=prepared --client={1} --time={2} --file='{0}' '{3}' 2>/dev/null | sed -n "
        "'s/^tps = //p'",
        script.string(), kInteractiveThreads, kFloorSeconds, subject.superuser_url());
    return std::stod(first_line(command));
}

double reports_a_second(const Subject& subject, const std::vector<std::string>& tokens, int first, int count) {
    Hour hour{.subject = subject,
              .tokens = tokens,
              .date = reports::to_text(reports::date_at(
                  std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()))),
              .next = first,
              .last = first + count - 1};
    std::vector<Reporting> people;
    people.reserve(kPeopleAtOnce);
    std::vector<Conversation*> all;
    for (int i = 0; i < kPeopleAtOnce; ++i) {
        all.push_back(&people.emplace_back(hour));
    }
    const auto start = Steady::now();
    converse(all);
    return count / std::chrono::duration<double>(Steady::now() - start).count();
}

// Past the triggers and foreign keys, whose work is done here for all rows at once. Every seventh day nobody reports,
// and each organization leaves out a day now and then.
void write_days(const Subject& subject, int days) {
    test::run_sql(subject.superuser_url(), fmt::format(R"(
        set session_replication_role = replica;
        insert into reports (prefecture_code, organization_id, organization_path, organization_kind, report_date, version, kind,
                             age_0, age_1_4, age_5_9, age_10, age_20, age_30, age_40, age_50, age_60_64, age_65_69, age_70, age_80, age_90,
                             age_unknown, account_id, account_name, channel, opened_at, submitted_at, deadline_at, idempotency_key, receipt_number)
        select o.prefecture_code, o.id, o.path, o.kind, d.day, 1, 'figures', 0, 1, 2, 3, 4, 3, 2, 1, 0, 0, 1, 0, 0, o.id % 7, 1, 'x', 'screen',
               d.day + interval '17 hours', d.day + interval '17 hours', d.day + interval '24 hours', 'year-' || d.day, o.id || '-' || d.day
        from organizations o
        cross join (select current_date - n as day from generate_series(1, {}) as n) as d
        where o.kind = 'facility' and extract(isodow from d.day) < 7 and (o.id + extract(doy from d.day)) % 19 <> 0
        order by o.id, d.day;
        insert into report_standings (organization_id, organization_path, first_date, last_date)
        select r.organization_id, o.path, min(r.report_date), max(r.report_date)
        from reports r join organizations o on o.id = r.organization_id group by r.organization_id, o.path;
        insert into report_months (organization_id, organization_path, month, received, late)
        select r.organization_id, o.path, date_trunc('month', r.report_date)::date,
               bit_or(1 << extract(day from r.report_date)::integer - 1), 0
        from reports r join organizations o on o.id = r.organization_id group by 1, 2, 3)",
                                                       days));
    test::run_sql(subject.superuser_url(), "vacuum analyze");
    test::run_sql(subject.superuser_url(), "checkpoint");
}

/// A country that has reported for a year, and the ministry that looks at it.
class Year {
public:
    Year(const std::filesystem::path& program, int organizations)
        : subject_(program, Country{.facilities = organizations, .people = 1, .rows_each = 0}) {
        write_days(subject_, kDays);
    }
    /// Anew when all is written: that takes longer than a session may rest.
    void sign_in() { headers_ = subject_.from_place(1) + subject_.signed_in_as(kMinistryAdmin); }

    std::vector<double> ask() {
        static constexpr std::array<const char*, 4> kPages = {"/completeness", "/completeness?show=silent",
                                                              "/completeness?under=2", "/completeness?period=28"};
        return browse(subject_.interactive(), kReaders, {.asks = kAsksARound, .skipped = kWarmUp}, [&](int asked) {
            const auto page = static_cast<std::size_t>(asked) % kPages.size();
            return request({.target = kPages.at(page), .extra_headers = headers_});
        });
    }

private:
    Subject subject_;
    std::string headers_;
};

}  // namespace

void report_submissions(const std::filesystem::path& program) {
    Subject subject(program, Country{.facilities = kOrganizations, .people = 1, .rows_each = 1});
    // A country that has reported for a month: nobody's figures are looked at beside none, and no table is empty when
    // its statements are planned.
    write_days(subject, kUsualDays);
    test::run_sql(subject.superuser_url(),
                  "create table bare_reports (id bigint generated always as identity primary key, note text not null)");
    const auto tokens = subject.tokens_of(kFirstAccount, kOrganizations);
    subject.wait_until_idle();
    std::vector<double> bare;
    std::vector<double> rates;
    std::vector<double> ratios;
    constexpr int kEach = kOrganizations / kRounds;
    for (int round = 0; round < kRounds; ++round) {
        bare.push_back(bare_inserts_a_second(subject));
        rates.push_back(reports_a_second(subject, tokens, round * kEach, kEach));
        ratios.push_back(rates.back() / bare.back());
    }
    figure("report_submissions_over_pgbench", median(ratios), ">= 0.6");
    detail(
        fmt::format("{:.0f} reports a second, of {} organizations once each, over {:.0f} bare inserts; an hour's would "
                    "take {:.0f} s",
                    median(rates), kOrganizations, median(bare), kOrganizations / median(rates)));
}

void completeness_at_scale(const std::filesystem::path& program) {
    detail(fmt::format("writing a year of reports of {} organizations, then of {}", kFewOrganizations, kOrganizations));
    Year few(program, kFewOrganizations);
    Year all(program, kOrganizations);
    few.sign_in();
    all.sign_in();
    std::vector<double> of_few;
    std::vector<double> of_all;
    for (int round = 0; round < kRounds; ++round) {
        const auto some = few.ask();
        const auto more = all.ask();
        of_few.insert(of_few.end(), some.begin(), some.end());
        of_all.insert(of_all.end(), more.begin(), more.end());
    }
    figure("completeness_p99_ms_at_4000", percentile(of_few, 0.99), "");
    figure("completeness_p99_ms_at_40000", percentile(of_all, 0.99), "");
    detail(fmt::format("median {:.1f} ms and {:.1f} ms", median(of_few), median(of_all)));
}

}  // namespace madoguchi::bench
