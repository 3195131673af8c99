// Inside db/ only: an answer of PostgreSQL, owned.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace madoguchi::db {

struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPointer = std::unique_ptr<PGresult, ClearResult>;

class RowSet {
public:
    RowSet(ResultPointer result, std::string_view query_name) : result_(std::move(result)), query_name_(query_name) {}

    int size() const { return PQntuples(result_.get()); }
    /// Rows that the statement changed; 0 for one that changes none.
    std::int64_t affected() const;
    /// -1: there is no such column.
    int column(std::string_view name) const;
    /// Nothing: NULL.
    std::optional<std::string_view> cell(int row, int column) const;
    const std::string& query_name() const { return query_name_; }

private:
    ResultPointer result_;
    std::string query_name_;
};

}  // namespace madoguchi::db
