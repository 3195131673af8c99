// Use cases of handing an initial password over by a one-time link: the sealed alternative to a letter. A link goes to
// a telephone that the applicant confirmed or the health centre registered, and never says whose account it is: whoever
// gets it by a mistake has a password without its ID. The password is made when the link is opened (S4).
#pragma once

#include <functional>

#include "accounts/handover_store.hpp"
#include "accounts/letter_service.hpp"
#include "crypto/envelope.hpp"
#include "gateway/phone_number.hpp"
#include "messages/message_service.hpp"

namespace madoguchi::accounts {

/// Whoever opens a link: nobody knows who they are.
struct HandoverClient {
    std::string source;
    std::string request_id;
    Instant now;
};

struct BatchLinks {
    int sent = 0;
    int without_contact = 0;
    int capped = 0;  // their number, or everybody's, has had too many messages lately: they can be sent one later
};

class HandoverService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        directory::OrganizationService& organizations;
        LetterService& letters;
        const crypto::Envelope& envelope;
        const gateway::PhoneNumbers& phones;
        const messages::MessageService& messages;
        const render::Texts& texts;
        Entropy& entropy;
        SecretText token_key;
        std::string origin;  // links begin with it, never with a Host header (S15)
        std::function<void()> message_queued;
    };
    explicit HandoverService(Parts parts) : parts_(std::move(parts)) {}

    /// Errors: not_found.
    Result<LetterDraft> draft(const Principal& principal, AccountId account, Instant now) {
        return parts_.letters.show(principal, account, now);
    }
    /// Where a link to this account would go. Nothing: no mobile number is registered. Errors: not_found.
    Result<std::optional<HandoverContact>> contact(const Principal& principal, AccountId account, Instant now);
    /// Newest first, of those within the jurisdiction. `account` 0: of all.
    Result<std::vector<HandoverLink>> links(const Principal& principal, AccountId account, int limit, Instant now);
    Result<LinkCounts> counts(const Principal& principal, BatchId batch, Instant now);

    /// Sends a link; what the account had before (a letter, another link) opens nothing any more. `prints` and
    /// `seen_link` are what the page showed. Errors: not_found, conflict (handover_stale, handover_no_contact),
    /// too_many, unavailable.
    Result<std::string> send(const Principal& principal, AccountId account, int prints, HandoverLinkId seen_link,
                             Locale locale, Instant now);
    /// To the waiting accounts of these rows, each by itself: what is sent is sent, whatever stops another.
    Result<BatchLinks> send_batch(const Principal& principal, BatchId batch, int first_row, int last_row, Locale locale,
                                  Instant now);
    /// How many of these rows could be sent a link now.
    Result<int> count_reachable(const Principal& principal, BatchId batch, int first_row, int last_row, Instant now);
    /// The letters that go beside links: everything but the password. Errors: as LetterService::print().
    Result<PrintedLetters> print_ids(const Principal& principal, AccountId account, Locale locale, Instant now);
    Result<PrintedLetters> print_batch_ids(const Principal& principal, BatchId batch, int first_row, int last_row,
                                           Locale locale, Instant now);

    /// The initial password, made at this moment and shown once. Errors: not_found (handover_gone: used, replaced,
    /// lapsed and unknown read the same).
    Result<HandedCode> open(const SecretText& token, const HandoverClient& client);

    Result<std::optional<RegisteredContact>> registered(const Principal& principal, OrganizationId organization,
                                                        Instant now);
    /// Errors: not_found, invalid (phone: as gateway::PhoneNumbers::parse).
    Result<void> register_contact(const Principal& principal, OrganizationId organization, const std::string& typed,
                                  Instant now);
    Result<void> remove_contact(const Principal& principal, OrganizationId organization, Instant now);

private:
    template <class F>
    Result<void> change_contact(const Principal& principal, OrganizationId organization, const std::string& action,
                                Instant now, F&& change);
    Result<void> send_one(db::Transaction& tx, const Actor& actor, const LetterDraft& draft,
                          const HandoverContact& contact, HandoverLinkId seen_link, OnlyWaiting waiting, Locale locale,
                          Instant now);
    Result<void> send_of_batch(const Actor& actor, const LetterDraft& draft, const HandoverContact& contact,
                               Locale locale, BatchLinks& out, Instant now);
    Result<void> add_message_states(std::vector<HandoverLink>& links) const;

    Parts parts_;
    HandoverStore store_;
    LetterStore letters_;
};

}  // namespace madoguchi::accounts
