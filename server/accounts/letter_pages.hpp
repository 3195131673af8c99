// /letters: who waits for a letter, and printing. A print is a POST whose answer is the PDF: the password stands in no
// address, and no second press of the button makes a second one.
#pragma once

#include "accounts/letter_service.hpp"
#include "directory/console_pages.hpp"

namespace madoguchi::accounts {

class LetterPages {
public:
    /// Keeps references.
    LetterPages(LetterService& letters, directory::Console& console) : letters_(letters), console_(console) {}
    void add_pages();

private:
    using Request = http::Request;
    using Page = Result<http::Response>;

    Page list(const Request& request, const Principal& principal);
    Page letter(const Request& request, const Principal& principal);
    Page print(const Request& request, const Principal& principal);
    Page print_batch(const Request& request, const Principal& principal);

    LetterService& letters_;
    directory::Console& console_;
};

}  // namespace madoguchi::accounts
