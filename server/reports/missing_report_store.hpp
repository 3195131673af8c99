// SQL of messages to organizations whose report is missing.
#pragma once

#include <optional>
#include <vector>

#include "db/database.hpp"
#include "directory/authorization.hpp"
#include "reports/report_date.hpp"

namespace madoguchi::reports {

/// Somebody who can report for an organization and has a telephone to be told on.
struct Reachable {
    AccountId account;
    std::string login_id;
};

struct RemindedToday {
    Instant at;
    std::string by;
};

class MissingReportStore {
public:
    /// Up to `limit`, of `organization` alone, whose grant of one of `roles` is good now.
    Result<std::vector<Reachable>> reachable(db::Transaction& tx, OrganizationId organization,
                                             const std::vector<std::string>& roles, int limit, Instant now) const;
    Result<std::optional<RemindedToday>> reminded(db::Transaction& tx, OrganizationId organization,
                                                  ReportDate today) const;
    /// False: somebody was first today.
    Result<bool> insert(db::Transaction& tx, OrganizationId organization, ReportDate today, int people, AccountId by,
                        const std::string& by_name, Instant now) const;
};

}  // namespace madoguchi::reports
