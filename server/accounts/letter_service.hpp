// Handover letters. The initial password is made when its letter is printed and stands nowhere but on the paper: what
// is stored is a keyed digest (S4). So a letter is printed once, and printing it again means another initial password.
#pragma once

#include "accounts/account_service.hpp"
#include "accounts/letter_store.hpp"
#include "render/letter.hpp"

namespace madoguchi::accounts {

struct LetterOverview {
    std::vector<BatchOfLetters> batches;
    std::vector<LetterDraft> singles;
};

struct PrintedLetters {
    std::string pdf;
    int letters = 0;
};

class LetterService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        directory::OrganizationService& organizations;
        Entropy& entropy;
        SecretText token_key;
        render::LetterService service;
        const render::Texts& texts;
    };
    explicit LetterService(Parts parts) : parts_(std::move(parts)) {}

    Result<LetterOverview> overview(const Principal& principal, AccountId after, int limit, Instant now);
    /// For the navigation; at most `most`.
    Result<std::int64_t> count_waiting(const Principal& principal, int most, Instant now);
    Result<std::vector<LetterPart>> parts_of(const Principal& principal, BatchId batch, Instant now);
    /// Errors: not_found: nobody of that id, or nobody who can get a letter (any more).
    Result<LetterDraft> show(const Principal& principal, AccountId account, Instant now);

    /// One letter. `prints` is how often the page said that it was printed before. Errors: not_found, forbidden,
    /// conflict (letter_printed: somebody was faster, or the button was pressed twice).
    Result<PrintedLetters> print(const Principal& principal, AccountId account, int prints, Locale locale, Instant now);
    /// The waiting letters of these rows of a batch, in the file's order: a part of it, or the whole batch as one file.
    /// Errors: as above; invalid (malformed_request: more than limits::kLettersInOneFile).
    Result<PrintedLetters> print_batch(const Principal& principal, BatchId batch, int first_row, int last_row,
                                       Locale locale, Instant now);
    /// Everything but a password, which comes by a one-time link: nothing changes, so it may be printed again. `drafts`
    /// are those that show() or of_batch() gave to this person.
    Result<PrintedLetters> print_ids(const Principal& principal, const std::vector<LetterDraft>& drafts, Locale locale,
                                     Instant now);

private:
    /// The page of each draft, without its password.
    Result<std::vector<render::Letter>> compose(const std::vector<LetterDraft>& drafts, const std::string& last_day,
                                                Locale locale, Instant now) const;
    Result<PrintedLetters> print_drafts(const Principal& principal, const Actor& actor,
                                        const std::vector<LetterDraft>& drafts, Locale locale, Instant now);
    Result<render::LetterAddress> sender_of(const directory::OrganizationRef& organization) const;

    Parts parts_;
    LetterStore store_;
};

/// 「2027年1月1日」 or "1 January 2027", in Japan.
std::string letter_date(Instant instant, Locale locale);

}  // namespace madoguchi::accounts
