// /batches: a file in, what would become of it, corrections, confirmation, progress, letters and the result.
#pragma once

#include <functional>

#include "accounts/batch_service.hpp"
#include "accounts/letter_service.hpp"
#include "directory/console_pages.hpp"

namespace madoguchi::accounts {

class BatchPages {
public:
    /// Keeps references. `confirmed` wakes the worker.
    BatchPages(BatchService& batches, LetterService& letters, directory::Console& console,
               std::function<void()> confirmed)
        : batches_(batches), letters_(letters), console_(console), confirmed_(std::move(confirmed)) {}
    void add_pages();

private:
    using Request = http::Request;
    using Page = Result<http::Response>;

    // batch_pages.cpp
    Page list(const Request& request, const Principal& principal);
    Page draw_list(const Request& request, const Principal& principal, const Error* error);
    Page upload(const Request& request, const Principal& principal);
    Page batch(const Request& request, const Principal& principal);
    Page correct(const Request& request, const Principal& principal);
    Page act(const Request& request, const Principal& principal);
    Page draw_check(const Request& request, const Principal& principal, const BatchView& view, const Error* error);
    Page draw_progress(const Request& request, const Principal& principal, const BatchView& view, const Error* error);
    void show_lines(render::View& page, const Request& request, const Batch& batch, const BatchRow& row) const;
    void show_rate(render::View& page, const Request& request, const BatchView& view) const;
    Result<void> show_letters(render::View& page, const Request& request, const Principal& principal,
                              const Batch& batch);
    Result<void> show_failed(render::View& page, const Request& request, const Principal& principal,
                             const Batch& batch);

    // batch_file_pages.cpp
    Page folded(const Request& request, const Principal& principal);
    Page template_file(const Request& request, const Principal& principal);
    Page to_fix_file(const Request& request, const Principal& principal);
    Page result_file(const Request& request, const Principal& principal);
    Page result_table(const Request& request, const Principal& principal);
    Result<std::vector<std::vector<std::string>>> result_rows(const Request& request, const Principal& principal,
                                                              BatchId id, RowFilter filter);

    BatchService& batches_;
    LetterService& letters_;
    directory::Console& console_;
    std::function<void()> confirmed_;
};

BatchId batch_id(const http::Request& request);
std::string address_of(BatchId id);
/// Why a row is as it is, in one sentence.
std::string reason_text(const directory::Console& console, const http::Request& request, const BatchRow& row);

}  // namespace madoguchi::accounts
