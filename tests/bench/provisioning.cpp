#include "provisioning.hpp"

#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>

#include "bulk.hpp"
#include "figures.hpp"
#include "subject.hpp"

namespace madoguchi::bench {
namespace {

constexpr int kClients = 8;
constexpr int kOperations = 100;  // bulk.maxOperations
constexpr int kScimClients = 4;
constexpr int kRounds = 3;
constexpr int kSingles = 2'000;  // a round
constexpr int kFloorSeconds = 5;

/// Who asks: the health centre's administrator, by a bearer token.
class Client {
public:
    explicit Client(Subject& subject)
        : subject_(subject),
          headers_(subject.from_place(1) + "Authorization: Bearer " + subject.tokens_of(kCenterAdmin, 1).front() +
                   "\r\n") {}

    Call post(std::string_view target, std::string_view json) const {
        const auto port = target == "/api/v1/accounts" ? subject_.interactive() : subject_.files();
        return {port, request({.method = "POST", .target = target, .extra_headers = headers_, .json = json})};
    }

private:
    const Subject& subject_;
    std::string headers_;
};

/// Requests out of one row that several share.
struct Work {
    std::function<std::string(int)> json;
    std::string target;
    int expected = 0;
    int next = 0;
    int end = 0;
};

class Worker final : public Conversation {
public:
    Worker(Work& work, const Client& client) : work_(work), client_(client) {}

    std::optional<Call> next(const Reply* previous) override {
        if (previous != nullptr &&
            (previous->status != work_.expected || previous->body.find("\"status\":\"4") != std::string_view::npos)) {
            throw std::runtime_error(fmt::format("answered {}: {}", previous->status, previous->body.substr(0, 1000)));
        }
        return work_.next < work_.end ? std::optional(client_.post(work_.target, work_.json(work_.next++)))
                                      : std::nullopt;
    }

private:
    Work& work_;
    const Client& client_;
};

double seconds_of(Work work, const Client& client, int clients) {
    std::vector<Worker> workers;
    workers.reserve(static_cast<std::size_t>(clients));
    std::vector<Conversation*> all;
    for (int i = 0; i < clients; ++i) {
        all.push_back(&workers.emplace_back(work, client));
    }
    const auto start = Steady::now();
    converse(all);
    return seconds_since(start);
}

std::string bulk_rows() {
    std::string out = R"({"rows":[)";
    for (int row = 0; row < kRows; ++row) {
        out += fmt::format(R"({}{{"institution_code":"{}","family_name":"山田","given_name":"花子"}})",
                           row == 0 ? "" : ",", code_of(row));
    }
    return out + "]}";
}

// A hundred accounts of as many facilities.
std::string scim_bulk(int number) {
    std::string out = R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[)";
    for (int i = 0; i < kOperations; ++i) {
        const int row = number * kOperations + i;
        out += fmt::format(
            R"({}{{"method":"POST","path":"/Users","bulkId":"b{}","data":{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"scim-{}@madoguchi.example","name":{{"familyName":"佐藤","givenName":"花子"}},"urn:ietf:params:scim:schemas:extension:madoguchi:2.0:User":{{"organization":{{"id":"{}"}}}}}}}})",
            i == 0 ? "" : ",", row, row, kBatchPlaces + 1 + row);
    }
    return out + "]}";
}

std::string single(int row) {
    return fmt::format(R"({{"organization_id":"{}","family_name":"鈴木","given_name":"{}","handover":"by_letter"}})",
                       kBatchPlaces + 1 + row % kRows, row);
}

// One transaction of one row each, as many clients.
double bare_inserts_a_second(const Subject& subject) {
    const auto script = subject.database_directory() / "insert.sql";
    const auto command = fmt::format(
        "PATH=$PATH:$(pg_config --bindir 2>/dev/null):/usr/lib/postgresql/15/bin; "
        "echo \"insert into bare_inserts (note) values ('made')\" > '{0}'; "
        "pgbench --no-vacuum --protocol=prepared --client={1} --time={2} --file='{0}' '{3}' 2>/dev/null | sed -n "
        "'s/^tps = //p'",
        script.string(), kClients, kFloorSeconds, subject.superuser_url());
    std::array<char, 256> buffer{};
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    if (!pipe || std::fgets(buffer.data(), buffer.size(), pipe.get()) == nullptr) {
        throw std::runtime_error("pgbench gave no answer");
    }
    return std::stod(buffer.data());
}

}  // namespace

void provisioning(const std::filesystem::path& program) {
    Subject subject(program, Country{.facilities = 2'000});
    add_facilities(subject.superuser_url());
    const Client client(subject);
    subject.wait_until_idle();

    const auto rows = bulk_rows();
    const auto began = Steady::now();
    seconds_of({.json = [&](int) { return rows; }, .target = "/api/v1/account-batches", .expected = 202, .end = 1},
               client, 1);
    wait_until_done(subject.superuser_url());
    const double issued = seconds_since(began);
    const double copied = bare_copy_seconds(subject.superuser_url(), subject.database_directory());
    figure("bulk_api_over_copy", copied / issued, ">= 0.2");
    detail(fmt::format("{} accounts: {:.0f} a second over {:.0f} by COPY", kRows, kRows / issued, kRows / copied));

    const double by_scim =
        seconds_of({.json = scim_bulk, .target = "/scim/v2/Bulk", .expected = 200, .end = kRows / kOperations}, client,
                   kScimClients);
    figure("scim_bulk_over_copy", copied / by_scim, "");
    detail(fmt::format("{} accounts, each a transaction: {:.0f} a second over {:.0f} by COPY", kRows, kRows / by_scim,
                       kRows / copied));

    test::run_sql(subject.superuser_url(),
                  "create table bare_inserts (id bigint generated always as identity primary key, note text not null)");
    std::vector<double> ratios;
    std::vector<double> rates;
    std::vector<double> bare;
    for (int round = 0; round < kRounds; ++round) {
        bare.push_back(bare_inserts_a_second(subject));
        rates.push_back(kSingles / seconds_of({.json = single,
                                               .target = "/api/v1/accounts",
                                               .expected = 201,
                                               .next = round * kSingles,
                                               .end = (round + 1) * kSingles},
                                              client, kClients));
        ratios.push_back(rates.back() / bare.back());
    }
    figure("single_creations_over_pgbench", median(ratios), "");
    detail(fmt::format("{:.0f} accounts a second by {} clients over {:.0f} bare inserts", median(rates), kClients,
                       median(bare)));
}

}  // namespace madoguchi::bench
