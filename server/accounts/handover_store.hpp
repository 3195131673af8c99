// SQL of one-time links: whom they go to, and the guarded steps that send and open one.
#pragma once

#include "accounts/handover.hpp"
#include "accounts/letter_store.hpp"

namespace madoguchi::accounts {

struct NewHandoverLink {
    AccountId account;
    std::string organization_path;
    std::string token_digest;
    std::string sent_to;
    MessageId message;
    std::string sent_by;
    Instant expires_at;
};

/// A link that opened: whose it is.
struct OpenedLink {
    AccountId account;
    std::string login_id;
    std::string organization_path;
};

struct RegisteredContact {
    std::string phone_masked;
    Instant registered_at;
    std::string registered_by;
};

/// Links of a batch by what became of them.
struct LinkCounts {
    int out = 0;  // sent and not opened, in time
    int opened = 0;
    int lapsed = 0;
};

enum class OnlyWaiting { no, yes };

class HandoverStore {
public:
    /// Where each of these accounts can be written to; who is missing can't.
    Result<std::map<AccountId, HandoverContact>> contacts(db::Transaction& tx,
                                                          const std::vector<std::int64_t>& accounts) const;
    /// Takes what the account has out of use: from now on only the link opens a password. False: it was printed, sent
    /// or used meanwhile (`prints`, `seen_link`: what the page showed). Locks the account until the transaction ends.
    Result<bool> prepare(db::Transaction& tx, AccountId account, int prints, HandoverLinkId seen_link,
                         OnlyWaiting waiting, Instant now) const;
    Result<void> insert(db::Transaction& tx, const NewHandoverLink& link, Instant now) const;

    /// Consumes the link: nothing where it is used, ended, lapsed or not there.
    Result<std::optional<OpenedLink>> open(db::Transaction& tx, const std::string& token_digest, Instant now) const;
    /// False: the account got a password in another way since.
    Result<bool> set_password(db::Transaction& tx, AccountId account, const std::string& digest,
                              Instant expires_at) const;
    /// Whose link it is or was, for the log.
    Result<std::optional<OpenedLink>> owner(db::Transaction& tx, const std::string& token_digest) const;

    /// Newest first; of one account, or (0) of all that the jurisdiction shows.
    Result<std::vector<HandoverLink>> links(db::Transaction& tx, AccountId account, int limit) const;
    /// What became of their messages. Only in the system's transactions.
    Result<std::map<MessageId, messages::MessageState>> message_states(db::Transaction& tx,
                                                                       const std::vector<std::int64_t>& ids) const;
    Result<LinkCounts> counts(db::Transaction& tx, BatchId batch, Instant now) const;
    /// Waiting rows of a batch whose organization has a contact, in the file's order; and those whose link is out.
    Result<std::vector<AccountId>> reachable(db::Transaction& tx, BatchId batch, int first_row, int last_row) const;
    Result<std::vector<AccountId>> linked(db::Transaction& tx, BatchId batch, int first_row, int last_row,
                                          Instant now) const;

    Result<std::optional<RegisteredContact>> contact(db::Transaction& tx, OrganizationId organization) const;
    Result<void> set_contact(db::Transaction& tx, const directory::OrganizationRef& organization,
                             const HandoverContact& contact, const std::string& by, Instant now) const;
    Result<bool> remove_contact(db::Transaction& tx, OrganizationId organization) const;
};

}  // namespace madoguchi::accounts
