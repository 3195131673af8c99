// The figures of tests/bench, each of one run: what is compared alternates in short rounds, and the median of the
// rounds' ratios counts, because a shared machine is never equally fast twice.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <thread>

#include "bare.hpp"
#include "bulk.hpp"
#include "crypto/totp.hpp"
#include "figures.hpp"
#include "load.hpp"
#include "provisioning.hpp"
#include "reports.hpp"
#include "scale.hpp"
#include "subject.hpp"

namespace madoguchi::bench {
namespace {

using std::chrono::milliseconds;

constexpr int kRounds = 4;
constexpr int kSignInsWaiting = 64;
constexpr int kReaders = 4;     // for the latency of session reads
constexpr int kMeReaders = 16;  // for their number
constexpr milliseconds kWarmUp{1000};
constexpr milliseconds kBareTime{2500};
constexpr milliseconds kSignInTime{4500};
constexpr milliseconds kReadTime{2500};
constexpr milliseconds kRest{6000};
constexpr int kCountedSignIns = 40;

/// What people who sign in share.
struct SignInPlan {
    const Subject& subject;
    Steady::time_point until;
    Steady::time_point count_from;
    Steady::time_point count_until;
    int next_account = 1;
    int last_account = kAccounts;
    int counted = 0;
    int refused = 0;
    std::vector<std::string> tokens = {};
};

class SigningIn final : public Conversation {
public:
    explicit SigningIn(SignInPlan& plan) : plan_(plan) {}

    std::optional<Call> next(const Reply* previous) override {
        if (previous != nullptr && previous->status == 503) {  // busy: somebody else's turn
            has_flow_ = false;
            ++plan_.refused;
            return start();
        }
        if (previous != nullptr && previous->status != 200) {
            throw std::runtime_error(fmt::format("sign-in answered {}: {}", previous->status, previous->body));
        }
        if (has_flow_) {
            return finish_or_start(*previous);
        }
        return previous == nullptr ? start() : second_step(*previous);
    }

private:
    std::optional<Call> start() {
        if (Steady::now() >= plan_.until || plan_.next_account > plan_.last_account) {
            return std::nullopt;
        }
        account_ = plan_.next_account++;
        return Call{plan_.subject.hashing(), request({.method = "POST",
                                                      .target = "/api/v1/sign-in",
                                                      .extra_headers = plan_.subject.from_place(account_),
                                                      .json = fmt::format(R"({{"login_id":"{}","password":"{}"}})",
                                                                          Subject::login_id(account_), kPassword)})};
    }
    std::optional<Call> second_step(const Reply& reply) {
        has_flow_ = true;
        const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
        const auto code = crypto::totp_code(plan_.subject.seed(), crypto::totp_step(now));
        return Call{
            plan_.subject.steps(),
            request({.method = "POST",
                     .target = "/api/v1/sign-in/second-step",
                     .extra_headers = plan_.subject.from_place(account_),
                     .json = fmt::format(R"({{"flow":"{}","code":"{}"}})", json_text(reply.body, "flow"), code)})};
    }
    std::optional<Call> finish_or_start(const Reply& reply) {
        has_flow_ = false;
        const auto now = Steady::now();
        plan_.counted += now >= plan_.count_from && now < plan_.count_until ? 1 : 0;
        if (plan_.tokens.size() < kMeReaders) {
            plan_.tokens.emplace_back(json_text(reply.body, "token"));
        }
        return start();
    }

    SignInPlan& plan_;
    int account_ = 0;
    bool has_flow_ = false;
};

class Reading final : public Conversation {
public:
    Reading(std::uint16_t port, std::string bytes, Steady::time_point from, Steady::time_point until)
        : call_{port, std::move(bytes)}, from_(from), until_(until) {}

    std::optional<Call> next(const Reply* previous) override {
        const auto now = Steady::now();
        if (previous != nullptr && previous->status != 200) {
            throw std::runtime_error(fmt::format("a read answered {}", previous->status));
        }
        if (previous != nullptr && now >= from_ && now < until_) {
            took_.push_back(std::chrono::duration<double, std::milli>(previous->took).count());
        }
        return now < until_ ? std::optional(call_) : std::nullopt;
    }
    const std::vector<double>& took() const { return took_; }

private:
    Call call_;
    Steady::time_point from_;
    Steady::time_point until_;
    std::vector<double> took_;
};

/// What server, database and load generator spent together: unlike the clock it hardly minds what else runs.
class CpuSpent {
public:
    CpuSpent(const Subject& subject, int server) : subject_(subject), server_(server), before_(now()) {}
    /// Milliseconds for each of `count`: the server, the database, the load generator.
    std::array<double, 3> each(std::size_t count) const {
        auto spent = now();
        for (std::size_t part = 0; part < spent.size(); ++part) {
            spent.at(part) =
                (spent.at(part) - before_.at(part)) * 1e3 / static_cast<double>(std::max<std::size_t>(count, 1));
        }
        return spent;
    }

private:
    std::array<double, 3> now() const {
        return {cpu_of(server_), subject_.database_cpu(), static_cast<double>(std::clock()) / CLOCKS_PER_SEC};
    }
    const Subject& subject_;
    int server_;
    std::array<double, 3> before_;
};

double sum(const std::array<double, 3>& parts) {
    return parts[0] + parts[1] + parts[2];
}
std::string text(const std::array<double, 3>& parts) {
    return fmt::format("{:.3f} ms (server {:.3f}, database {:.3f}, load generator {:.3f})", sum(parts), parts[0],
                       parts[1], parts[2]);
}

class Bench {
public:
    explicit Bench(const char* program) : subject_(program) {}

    /// All figures, or the one named.
    void run(const std::string& only) {
        const auto wanted = [&](const char* name) { return only.empty() || only == name; };
        sign_in_some(kMeReaders);
        if (wanted("memory")) {
            memory_idle();
        }
        // Before the sign-ins: what they leave to the database to tidy up is no part of a read.
        if (wanted("me")) {
            me_over_bare_pistache();
        }
        if (wanted("sign-in")) {
            sign_in_over_argon2();
        }
        if (wanted("reads")) {
            reads_under_sign_ins();
        }
        if (wanted("memory")) {
            figure("memory_peak_mib", subject_.memory("VmHWM"), "<= 160");
        }
        if (wanted("round-trips")) {
            round_trips();
        }
    }

private:
    SignInPlan plan(milliseconds time) {
        const auto now = Steady::now();
        const auto end = now + kWarmUp + time;
        return {.subject = subject_,
                .until = end,
                .count_from = now + kWarmUp,
                .count_until = end,
                .next_account = next_account_};
    }
    std::string me(std::size_t reader) const {
        return request({.target = "/api/v1/me",
                        .extra_headers = subject_.from_place(static_cast<int>(reader)) + "Authorization: Bearer " +
                                         tokens_.at(reader % tokens_.size()) + "\r\n"});
    }
    std::vector<double> read(std::uint16_t port, int readers, milliseconds time, SignInPlan* sign_ins) const;
    void sign_in_some(int count);
    void memory_idle();
    void sign_in_over_argon2();
    void me_over_bare_pistache();
    void reads_under_sign_ins();
    void round_trips();

    Subject subject_;
    int next_account_ = 1;
    std::vector<std::string> tokens_;
};

// Reads for `time` after a warm-up and returns each one's milliseconds; while they read, others sign in.
std::vector<double> Bench::read(std::uint16_t port, int readers, milliseconds time, SignInPlan* sign_ins) const {
    const auto from = Steady::now() + (sign_ins == nullptr ? kWarmUp / 4 : kWarmUp);
    std::vector<Reading> reading;
    for (int i = 0; i < readers; ++i) {
        reading.emplace_back(port, me(static_cast<std::size_t>(i)), from, from + time);
    }
    std::vector<SigningIn> signing_in;
    signing_in.reserve(kSignInsWaiting);
    std::vector<Conversation*> all;
    for (auto& one : reading) {
        all.push_back(&one);
    }
    for (int i = 0; sign_ins != nullptr && i < kSignInsWaiting; ++i) {
        all.push_back(&signing_in.emplace_back(*sign_ins));
    }
    converse(all);
    std::vector<double> took;
    for (const auto& one : reading) {
        took.insert(took.end(), one.took().begin(), one.took().end());
    }
    return took;
}

void Bench::sign_in_some(int count) {
    auto plan = this->plan(kRest);
    plan.last_account = plan.next_account + count - 1;
    SigningIn one(plan);
    converse({&one});
    next_account_ = plan.next_account;
    tokens_ = std::move(plan.tokens);
}

void Bench::memory_idle() {
    std::this_thread::sleep_for(kRest);
    figure("memory_idle_mib", subject_.memory("VmRSS"), "<= 64");
}

void Bench::sign_in_over_argon2() {
    std::vector<double> ratios;
    std::vector<double> bare_rates;
    std::vector<double> rates;
    int refused = 0;
    double bare_cpu = 0;
    std::vector<double> cpu_ratios;
    std::array<double, 3> each{};
    for (int round = 0; round < kRounds; ++round) {
        const auto bare = argon2_rate(ArgonMemory::kept, kBareTime);
        bare_cpu = bare.cpu_ms;
        bare_rates.push_back(bare.a_second);
        auto plan = this->plan(kSignInTime);
        const CpuSpent spent(subject_, subject_.process());
        read(0, 0, kSignInTime, &plan);
        each = spent.each(static_cast<std::size_t>(plan.next_account - next_account_));
        cpu_ratios.push_back(bare.cpu_ms / sum(each));
        next_account_ = plan.next_account;
        refused += plan.refused;
        rates.push_back(plan.counted / std::chrono::duration<double>(kSignInTime).count());
        ratios.push_back(rates.back() / bare_rates.back());
    }
    figure("sign_in_over_argon2", median(ratios), ">= 0.9");
    detail(
        fmt::format("{:.1f} complete sign-ins a second over {:.1f} bare verifications that keep their memory as the "
                    "server does; libargon2 that maps it anew: {:.1f}",
                    median(rates), median(bare_rates), argon2_rate(ArgonMemory::mapped, kBareTime).a_second));
    detail(fmt::format("by CPU time, {:.2f}: each {}, bare {:.3f} ms", median(cpu_ratios), text(each), bare_cpu));
    if (refused > 0) {
        detail(fmt::format("{} were refused as the server was busy: is something else running?", refused));
    }
}

void Bench::me_over_bare_pistache() {
    const BarePistache bare(subject_.owner_url(), kInteractiveThreads);
    const double seconds = std::chrono::duration<double>(kReadTime).count();
    std::vector<double> ratios;
    std::vector<double> bare_rates;
    std::vector<double> rates;
    std::vector<double> cpu_ratios;
    std::array<double, 3> each{};
    std::array<double, 3> bare_each{};
    for (int round = 0; round < kRounds; ++round) {
        const CpuSpent bare_spent(subject_, bare.process());
        const auto bare_count = read(bare.port(), kMeReaders, kReadTime, nullptr).size();
        bare_each = bare_spent.each(bare_count + bare_count / 10);  // the warm-up's are not counted
        bare_rates.push_back(static_cast<double>(bare_count) / seconds);
        const CpuSpent spent(subject_, subject_.process());
        const auto count = read(subject_.interactive(), kMeReaders, kReadTime, nullptr).size();
        each = spent.each(count + count / 10);
        cpu_ratios.push_back(sum(bare_each) / sum(each));
        rates.push_back(static_cast<double>(count) / seconds);
        ratios.push_back(rates.back() / bare_rates.back());
    }
    figure("me_over_bare_pistache", median(ratios), ">= 0.8");
    detail(fmt::format("{:.0f} a second over {:.0f}", median(rates), median(bare_rates)));
    detail(fmt::format("by CPU time, {:.2f}: each {}, bare {}", median(cpu_ratios), text(each), text(bare_each)));
}

void Bench::reads_under_sign_ins() {
    std::vector<double> ratios;
    std::vector<double> idle;
    std::vector<double> busy;
    std::vector<double> idle_median;
    std::vector<double> busy_median;
    std::vector<double> signed_in;
    for (int round = 0; round < kRounds; ++round) {
        const auto alone = read(subject_.interactive(), kReaders, kReadTime, nullptr);
        auto plan = this->plan(kSignInTime);
        const auto beside = read(subject_.interactive(), kReaders, kSignInTime, &plan);
        next_account_ = plan.next_account;
        signed_in.push_back(plan.counted / std::chrono::duration<double>(kSignInTime).count());
        idle.push_back(percentile(alone, 0.99));
        busy.push_back(percentile(beside, 0.99));
        idle_median.push_back(percentile(alone, 0.5));
        busy_median.push_back(percentile(beside, 0.5));
        ratios.push_back(busy.back() / idle.back());
    }
    figure("session_read_p99_under_sign_ins", median(ratios), "<= 3");
    detail(fmt::format(
        "p99 {:.2f} ms over {:.2f} ms idle; median {:.2f} ms over {:.2f} ms; meanwhile {:.1f} sign-ins a second",
        median(busy), median(idle), median(busy_median), median(idle_median), median(signed_in)));
}

// Statements that the database was sent, less what it is sent in the same time when nobody signs in.
void Bench::round_trips() {
    subject_.log_statements();
    sign_in_some(kMeReaders);  // connects again, prepares again
    std::this_thread::sleep_for(milliseconds(1500));
    const int before = subject_.statements_logged();
    const auto start = Steady::now();
    sign_in_some(kCountedSignIns);
    const auto took = Steady::now() - start;
    std::this_thread::sleep_for(milliseconds(50));
    const int between = subject_.statements_logged();
    std::this_thread::sleep_for(took);
    const int after = subject_.statements_logged();
    figure("database_round_trips_per_sign_in",
           static_cast<double>(between - before - (after - between)) / kCountedSignIns, "<= 21");
}

}  // namespace
}  // namespace madoguchi::bench

int main(int argc, char** argv) {
    signal(SIGPIPE, SIG_IGN);
    if (argc != 2 && argc != 3) {
        std::cerr << "madoguchi-bench SERVER-PROGRAM "
                     "[memory|sign-in|me|reads|round-trips|bulk|provisioning|scale|reports|completeness]\n";
        return 2;
    }
    try {
        const std::string only = argc == 3 ? argv[2] : "";
        if (only == "scale") {
            madoguchi::bench::console_at_scale(argv[1]);
        } else if (only == "bulk") {
            madoguchi::bench::bulk_issue(argv[1]);
        } else if (only == "provisioning") {
            madoguchi::bench::provisioning(argv[1]);
        } else if (only == "reports") {
            madoguchi::bench::report_submissions(argv[1]);
        } else if (only == "completeness") {
            madoguchi::bench::completeness_at_scale(argv[1]);
        } else {
            madoguchi::bench::Bench(argv[1]).run(only);
        }
    } catch (const std::exception& error) {
        std::cerr << "bench: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
