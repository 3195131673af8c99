#include "bulk.hpp"

#include <stdexcept>
#include <thread>

#include "accounts/batch.hpp"
#include "base/letter_limits.hpp"
#include "directory/organization_codes.hpp"
#include "figures.hpp"
#include "load.hpp"
#include "subject.hpp"

namespace madoguchi::bench {
namespace {

constexpr int kAreas = 10;
constexpr const char* kBoundary = "madoguchi-bench-boundary";
constexpr const char* kVisit = "Cookie: __Host-visit=0123456789abcdefghijklmnopqrstuvwxyzABCDEFA; ";

std::string file() {
    std::string out;
    for (const auto column : accounts::kAllBatchColumns) {
        out += (out.empty() ? "" : ",") + std::string(accounts::heading(column));
    }
    out += "\r\n";
    for (int row = 0; row < kRows; ++row) {
        out += fmt::format("{},第{}医院,山田,花子,ヤマダ,ハナコ,,\r\n", code_of(row), row + 1);
    }
    return out;
}

/// The health centre's administrator in a browser.
class Administrator {
public:
    explicit Administrator(Subject& subject) : subject_(subject) {
        const std::string session = subject_.signed_in_as(kCenterAdmin);
        headers_ = subject_.from_place(1) + kVisit + session.substr(session.find(' ') + 1);
    }

    std::string get(const std::string& target) {
        return said(200, subject_.interactive(), request({.target = target, .extra_headers = headers_}));
    }
    void upload(const std::string& csrf, const std::string& csv) {
        const auto part = [](const char* name, const std::string& more, const std::string& content) {
            return fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"{}\r\n\r\n{}\r\n", kBoundary, name,
                               more, content);
        };
        const auto body = part("csrf", "", csrf) +
                          part("file", "; filename=\"clinics.csv\"\r\nContent-Type: text/csv", csv) +
                          fmt::format("--{}--\r\n", kBoundary);
        post("/batches", subject_.files(), fmt::format("multipart/form-data; boundary={}", kBoundary), body);
    }
    void confirm(const std::string& page) {
        post("/batches/1", subject_.interactive(), "application/x-www-form-urlencoded",
             fmt::format("csrf={}&version={}&act=issue", field(page, "csrf"), field(page, "version")));
    }
    /// The letters of these rows as one file; its bytes.
    std::string letters(const std::string& csrf, int first_row, int last_row) {
        return answer("/letters/batches/1", subject_.files(), "application/x-www-form-urlencoded",
                      fmt::format("csrf={}&first={}&last={}", csrf, first_row, last_row), 200);
    }
    static std::string field(const std::string& page, const std::string& name) {
        const auto start = page.find(fmt::format("name=\"{}\" value=\"", name));
        if (start == std::string::npos) {
            throw std::runtime_error("the page has no field " + name);
        }
        const auto value = start + name.size() + 15;
        return page.substr(value, page.find('"', value) - value);
    }

private:
    std::string said(int status, std::uint16_t port, std::string bytes) {
        Once once({port, std::move(bytes)});
        converse({&once});
        if (once.status() != status) {
            throw std::runtime_error(fmt::format("answered {}: {}", once.status(), once.body().substr(0, 2000)));
        }
        return once.body();
    }
    void post(const char* target, std::uint16_t port, const std::string& type, const std::string& body) {
        answer(target, port, type, body, 303);
    }
    std::string answer(const char* target, std::uint16_t port, const std::string& type, const std::string& body,
                       int status) {
        const auto headers =
            fmt::format("{}Origin: https://localhost:8443\r\nContent-Type: {}\r\nContent-Length: {}\r\n", headers_,
                        type, body.size());
        return said(status, port, request({.method = "POST", .target = target, .extra_headers = headers}) + body);
    }

    Subject& subject_;
    std::string headers_;
};

// From the press of the button to the last byte of the PDF. The file's first data row is its second.
void print_letters(const Subject& subject, Administrator& administrator, const std::string& csrf) {
    constexpr int kPart = 500;
    constexpr int kWhole = limits::kLettersInOneFile;
    const auto began = Steady::now();
    const auto part = administrator.letters(csrf, 2, kPart + 1);
    figure("letters_500_seconds", seconds_since(began), "<= 60");
    const auto began_whole = Steady::now();
    const auto whole = administrator.letters(csrf, kPart + 2, kPart + kWhole + 1);
    const double seconds = seconds_since(began_whole);
    constexpr double kMebibyte = 1024.0 * 1024;
    detail(fmt::format("{:.1f} MiB; {} letters as one file in {:.1f} s, {:.1f} MiB",
                       static_cast<double>(part.size()) / kMebibyte, kWhole, seconds,
                       static_cast<double>(whole.size()) / kMebibyte));
    figure("letters_peak_mib", subject.memory("VmHWM"), "<= 300");
}

}  // namespace

std::optional<Call> Once::next(const Reply* previous) {
    if (previous == nullptr) {
        return call_;
    }
    status_ = previous->status;
    body_ = previous->body;
    return std::nullopt;
}

std::string code_of(int row) {
    return directory::make_institution_code(1, directory::ScoreTable::medical, 10 + row % kAreas, 1 + row / kAreas);
}

// All of one health centre: who uploads a file issues below their own centre only.
void add_facilities(const std::string& superuser_url) {
    std::string codes;
    for (int row = 0; row < kRows; ++row) {
        codes += (row == 0 ? "" : ",") + code_of(row);
    }
    test::run_sql(superuser_url, fmt::format(R"(
        insert into organizations (id, kind, parent_id, path, prefecture_code, name, kana, search, institution_code, created_at)
        select {0} + f.n, 'facility', c.id, c.path || {0} + f.n || '.', c.prefecture_code, '第' || f.n || '医院', 'ダイイイン',
               '第' || f.n || '医院 ダイイイン ' || f.code || ' ', f.code, now()
        from unnest(string_to_array('{1}', ',')) with ordinality as f (code, n), organizations c where c.id = {2};
        select setval(pg_get_serial_sequence('organizations', 'id'), (select max(id) from organizations)))",
                                             kBatchPlaces, codes, kFirstHealthCenter));
    test::run_sql(superuser_url, "vacuum analyze");
    test::run_sql(superuser_url, "checkpoint");
}

double seconds_since(Steady::time_point start) {
    return std::chrono::duration<double>(Steady::now() - start).count();
}

void wait_until_done(const std::string& superuser_url) {
    const auto deadline = Steady::now() + std::chrono::minutes(10);
    while (test::run_sql(superuser_url, "select state from batches where id = 1") != "done") {
        if (Steady::now() > deadline) {
            throw std::runtime_error("the batch is not done after ten minutes");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

double bare_copy_seconds(const std::string& superuser_url, const std::filesystem::path& directory) {
    const std::string rows = (directory / "rows").string();
    double seconds = 0;
    const std::pair<const char*, const char*> tables[] = {
        {"accounts", "batch_id = 1"},
        {"grants", "account_id in (select id from accounts where batch_id = 1)"},
        {"audit_events", "action = 'account.issue'"}};
    for (const auto& [table, which] : tables) {
        // Generated columns are reckoned anew, as they were the first time.
        const auto columns = test::run_sql(
            superuser_url,
            fmt::format(
                "select string_agg(quote_ident(attname), ',' order by attnum) from pg_attribute where attrelid = "
                "'{}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
                table));
        test::run_sql(superuser_url,
                      fmt::format("copy (select {} from {} where {}) to '{}-{}'", columns, table, which, rows, table));
        test::run_sql(superuser_url, fmt::format("create table bare_{0} (like {0} including all)", table));
        test::run_sql(superuser_url, "checkpoint");
        const auto start = Steady::now();
        test::run_sql(superuser_url, fmt::format("copy bare_{0} ({1}) from '{2}-{0}'", table, columns, rows));
        seconds += seconds_since(start);
    }
    return seconds;
}

void bulk_issue(const std::filesystem::path& program) {
    Subject subject(program, Country{.facilities = 2'000});
    add_facilities(subject.superuser_url());
    Administrator administrator(subject);
    const auto csrf = Administrator::field(administrator.get("/batches"), "csrf");
    const auto csv = file();
    const auto began = Steady::now();
    administrator.upload(csrf, csv);
    const double checked = seconds_since(began);
    const auto page = administrator.get("/batches/1");
    const auto confirmed = Steady::now();
    administrator.confirm(page);
    wait_until_done(subject.superuser_url());
    const double issued = seconds_since(confirmed);
    const auto number = test::run_sql(subject.superuser_url(), "select count(*) from accounts where batch_id = 1");
    if (number != std::to_string(kRows)) {
        throw std::runtime_error("issued " + number);
    }
    const double copied = bare_copy_seconds(subject.superuser_url(), subject.database_directory());
    figure("bulk_issue_over_copy", issued / copied, "<= 5");
    detail(fmt::format("{} accounts in {:.1f} s over {:.1f} s of COPY; upload and check before it {:.1f} s", kRows,
                       issued, copied, checked));
    figure("bulk_issue_peak_mib", subject.memory("VmHWM"), "<= 200");
    print_letters(subject, administrator, csrf);
}

}  // namespace madoguchi::bench
