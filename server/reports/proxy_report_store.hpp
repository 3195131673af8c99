// SQL of what reached the health centre and is to be typed, and of the review of unusual figures. The policies show a
// transaction only what lies within its jurisdiction.
#pragma once

#include "reports/daily_report_store.hpp"

namespace madoguchi::reports {

/// Something that came on paper or by telephone, and what became of it.
struct ReceivedReport {
    std::int64_t id = 0;
    OrganizationId organization;
    std::string organization_name;
    std::string organization_path;
    std::string phone;
    ReportDate date;
    ProxyEntry proxy;
    Instant registered_at;
    std::string registered_by_name;
    int version = 1;
    std::optional<Typed> typed;  // nothing: nobody has begun
    ReceivedState state = ReceivedState::waiting;
    std::string reason;
    std::optional<Instant> finished_at;
    std::string finished_by_name;
    std::string receipt;  // of the report that it became
};

class ProxyReportStore {
public:
    /// Nothing: one of the same organization and day is waiting already.
    Result<std::optional<std::int64_t>> insert(db::Transaction& tx, const ReceivedReport& received, AccountId by) const;
    Result<std::optional<ReceivedReport>> find(db::Transaction& tx, std::int64_t id) const;
    /// As find, and nobody else changes it until the transaction ends.
    Result<std::optional<ReceivedReport>> lock(db::Transaction& tx, std::int64_t id) const;
    Result<std::optional<ReceivedReport>> find_waiting(db::Transaction& tx, OrganizationId organization,
                                                       ReportDate date) const;
    /// To be typed, what came first on top.
    Result<std::vector<ReceivedReport>> waiting(db::Transaction& tx, int limit) const;
    Result<std::vector<ReceivedReport>> finished_since(db::Transaction& tx, Instant since, int limit) const;
    Result<std::int64_t> count_waiting(db::Transaction& tx) const;
    /// False: it is no longer of `version`, or no longer waiting.
    Result<bool> save(db::Transaction& tx, std::int64_t id, int version, const Typed& typed) const;

    struct End {
        ReceivedState state = ReceivedState::dropped;
        std::string reason;
        std::optional<std::int64_t> report;
    };
    /// False: it was not waiting any more.
    Result<bool> finish(db::Transaction& tx, std::int64_t id, const End& end, AccountId by, const std::string& by_name,
                        Instant now) const;

    // --- review ---

    /// Reports that count, whose figures were unusual, not seen yet; newest first.
    Result<std::vector<Report>> unusual(db::Transaction& tx, int limit) const;
    Result<std::int64_t> count_unusual(db::Transaction& tx) const;
    Result<std::optional<Report>> find_report(db::Transaction& tx, std::int64_t id) const;
    struct Review {
        std::string state;  // asked, seen
        std::string note;
    };
    /// False: somebody has seen it meanwhile.
    Result<bool> review(db::Transaction& tx, std::int64_t id, const Review& review, AccountId by,
                        const std::string& by_name, Instant now) const;
};

}  // namespace madoguchi::reports
