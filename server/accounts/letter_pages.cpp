#include "accounts/letter_pages.hpp"

#include <charconv>

#include "base/file_limits.hpp"
#include "base/limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::accounts {

using http::Method;
using http::Response;

namespace {

constexpr int kCountedAtMost = 1000;

// Letters are in the language of whoever gets them, not of whoever prints.
Locale language_of(const http::Fields& form) {
    return form.text("language") == "en" ? Locale::en : Locale::ja;
}

int number_in(const std::string& text) {
    int number = -1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// A download: the page behind stays where it is, and no tab keeps the password on screen.
Response as_file(PrintedLetters printed, const std::string& name) {
    Response response{.status = 200, .content_type = "application/pdf", .body = std::move(printed.pdf)};
    response.with_header("Content-Disposition", "attachment; filename=\"" + name + ".pdf\"");
    return response;
}

}  // namespace

void LetterPages::add_pages() {
    const auto add = [&](Method method, std::string pattern,
                         Page (LetterPages::*handler)(const http::Request&, const Principal&)) {
        console_.page(method, std::move(pattern),
                      [this, handler](const http::Request& request, const Principal& principal) {
                          return (this->*handler)(request, principal);
                      });
    };
    add(Method::get, "/letters", &LetterPages::list);
    add(Method::get, "/letters/{id}", &LetterPages::letter);
    add(Method::post, "/letters/{id}", &LetterPages::print);
    add(Method::post, "/letters/batches/{id}", &LetterPages::print_batch);
    console_.count("letters", [this](const Principal& principal, Instant now) {
        return letters_.count_waiting(principal, kCountedAtMost, now);
    });
}

LetterPages::Page LetterPages::list(const Request& request, const Principal& principal) {
    const auto place = directory::place_of(request);
    auto overview = TRY(letters_.overview(principal, {place.after}, limits::kLettersShown + 1, request.now));
    render::View page = console_.view(request, principal, "letters");
    for (const auto& batch : overview.batches) {
        auto& shown = page.add("BATCH");
        shown.set("BATCH_URL", "/batches/" + std::to_string(batch.id.value)).set("BATCH_NAME", batch.file_name);
        shown.set("BATCH_WAITING", std::to_string(batch.waiting));
    }
    std::int64_t next = 0;
    if (overview.singles.size() > static_cast<std::size_t>(limits::kLettersShown)) {
        overview.singles.resize(static_cast<std::size_t>(limits::kLettersShown));
        next = overview.singles.back().account.value;
    }
    for (const auto& draft : overview.singles) {
        auto& shown = page.add("LETTER");
        shown.set("LETTER_ID", std::to_string(draft.account.value)).set("LETTER_PERSON", draft.person);
        shown.set("LETTER_ORGANIZATION", draft.organization.name).set("LETTER_LOGIN_ID", draft.login_id);
        shown.set("LETTER_ISSUED_AT", format_japanese_date_time(draft.created_at));
        shown.set("PRINTS", std::to_string(draft.prints));
    }
    page.show(overview.batches.empty() && overview.singles.empty() && place.after == 0 ? "EMPTY" : "WAITING");
    if (!overview.batches.empty()) {
        page.show("BATCHES");
    }
    if (!overview.singles.empty()) {
        page.show("LETTERS");
    }
    directory::show_pager(page, request, place, next);
    return console_.writer().page(request, "letters", page);
}

LetterPages::Page LetterPages::letter(const Request& request, const Principal& principal) {
    const auto id = http::parse_identifier(request.path_parameter("id"));
    const auto draft = TRY(letters_.show(principal, AccountId{id.value_or(0)}, request.now));
    render::View page = console_.view(request, principal, "letters");
    directory::add_crumb(page, console_.text(request, "letters.title"), "/letters");
    page.set("LETTER_ID", std::to_string(draft.account.value)).set("LETTER_PERSON", draft.person);
    page.set("LETTER_ORGANIZATION", draft.organization.name).set("LETTER_LOGIN_ID", draft.login_id);
    page.set("PRINTS", std::to_string(draft.prints));
    if (draft.waiting) {
        page.show("FIRST_PRINT");
    } else {
        page.show("AGAIN");
        if (draft.printed_at) {
            page.add("PRINTED")
                .set("PRINTED_AT", format_japanese_date_time(*draft.printed_at))
                .set("PRINTED_BY", draft.printed_by);
        }
    }
    return console_.writer().page(request, "letter", page);
}

LetterPages::Page LetterPages::print(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const AccountId account{http::parse_identifier(request.path_parameter("id")).value_or(0)};
    auto printed =
        TRY(letters_.print(principal, account, number_in(form.text("prints")), language_of(form), request.now));
    return as_file(std::move(printed), "madoguchi-letter-" + std::to_string(account.value));
}

LetterPages::Page LetterPages::print_batch(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const BatchId batch{http::parse_identifier(request.path_parameter("id")).value_or(0)};
    const int first = number_in(form.text("first"));
    const int last = number_in(form.text("last"));
    auto printed = TRY(letters_.print_batch(principal, batch, first, last, language_of(form), request.now));
    return as_file(std::move(printed),
                   "madoguchi-letters-" + std::to_string(batch.value) + "-" + std::to_string(first));
}

}  // namespace madoguchi::accounts
