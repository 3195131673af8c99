// Forty thousand accounts from one file, by way of the pages that a health centre uses, over a bare COPY of the rows
// that it leaves behind.
#pragma once

#include <filesystem>

#include "load.hpp"

namespace madoguchi::bench {

inline constexpr int kRows = 40'000;
inline constexpr std::int64_t kBatchPlaces = 1'000'001;  // ids of the facilities in the file, one a row

/// The institution code of the facility of a row, from 0.
std::string code_of(int row);
/// kRows facilities of the first health centre.
void add_facilities(const std::string& superuser_url);
void wait_until_done(const std::string& superuser_url);
/// Accounts, grants and rows of the log of the first batch, each into a table with the same columns, constraints and
/// indexes.
double bare_copy_seconds(const std::string& superuser_url, const std::filesystem::path& directory);
double seconds_since(Steady::time_point start);

/// One request, one answer.
class Once final : public Conversation {
public:
    explicit Once(Call call) : call_(std::move(call)) {}
    std::optional<Call> next(const Reply* previous) override;
    int status() const { return status_; }
    const std::string& body() const { return body_; }

private:
    Call call_;
    int status_ = 0;
    std::string body_;
};

/// Prints the ratio of times and the server's peak of memory; then how long its letters take, and the peak with them.
void bulk_issue(const std::filesystem::path& program);

}  // namespace madoguchi::bench
