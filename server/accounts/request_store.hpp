// SQL of requests.
#pragma once

#include "accounts/request.hpp"
#include "db/database.hpp"

namespace madoguchi::accounts {

/// What waits is answered oldest first; what was decided is looked up newest first.
enum class RequestOrder { oldest_first, newest_first };

struct RequestFilter {
    std::optional<std::string> state;  // open, done; nothing: all
    std::int64_t after_id = 0;         // the last one seen; 0: from the beginning
    int limit = 50;
    Instant now;
    RequestOrder order = RequestOrder::oldest_first;
};

class RequestStore {
public:
    Result<RequestId> insert(db::Transaction& tx, const Request& request) const;
    /// An open one by somebody signed in, of this kind for this account, filed no earlier than `since`.
    Result<std::optional<RequestId>> find_open(db::Transaction& tx, RequestKind kind, AccountId account,
                                               Instant since) const;
    /// The same, filed on the public page: how many.
    Result<std::int64_t> count_public(db::Transaction& tx, RequestKind kind, AccountId account, Instant since) const;
    Result<std::optional<Request>> lock(db::Transaction& tx, RequestId id) const;
    Result<std::optional<Request>> find(db::Transaction& tx, RequestId id, Instant now) const;
    Result<std::vector<Request>> list(db::Transaction& tx, const RequestFilter& filter) const;
    Result<std::int64_t> count_open(db::Transaction& tx, Instant now) const;
    /// False: somebody else decided first.
    Result<bool> decide(db::Transaction& tx, RequestId id, RequestState state, AccountId by, const std::string& by_name,
                        const std::string& reason, Instant now) const;
};

}  // namespace madoguchi::accounts
