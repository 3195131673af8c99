// multipart/form-data (RFC 7578), read as it arrives: nothing but the current part's headers and one boundary's length
// is kept.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_limits.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "http/fields.hpp"

namespace madoguchi::http {

struct MultipartPart {
    std::string name;
    std::optional<std::string> file_name;  // as the browser says; never used as a path
    std::string content_type = "text/plain";
};

/// Receives parts in order: begin, any number of data, end. An error stops the parser and is its answer.
class MultipartSink {
public:
    virtual ~MultipartSink() = default;
    virtual Result<void> begin(const MultipartPart& part) = 0;
    virtual Result<void> data(std::string_view bytes) = 0;
    virtual Result<void> end() = 0;
};

struct MultipartLimits {
    std::size_t parts = limits::kMultipartParts;
    std::size_t field_bytes = limits::kRequestBytes;
    std::size_t file_bytes = limits::kRequestBytes;
};

class MultipartParser {
public:
    MultipartParser(const std::string& boundary, MultipartLimits limits, MultipartSink& sink);
    /// Errors: invalid (`malformed_request`), too large a part (`payload_too_large`), whatever the sink says.
    Result<void> feed(std::string_view bytes);
    /// No more bytes come. Errors: invalid if the last boundary is missing.
    Result<void> finish();

private:
    enum class State { delimiter_wanted, after_delimiter, in_headers, in_data, done, failed };

    Result<void> step(bool& progressed);
    Result<void> read_start();
    Result<void> read_after_delimiter(bool& progressed);
    Result<void> read_headers(bool& progressed);
    Result<void> read_data(bool& progressed);
    Result<void> emit(std::string_view bytes);

    std::string delimiter_;  // "\r\n--boundary"
    MultipartLimits limits_;
    MultipartSink& sink_;
    State state_ = State::delimiter_wanted;
    std::string pending_ = "\r\n";  // so that the first boundary looks like the others
    std::size_t parts_ = 0;
    std::size_t part_bytes_ = 0;
    bool part_is_file_ = false;
};

/// Errors: invalid if there is no boundary of 1 to 70 allowed characters (RFC 2046 §5.1.1).
Result<std::string> multipart_boundary(std::string_view content_type);

/// A file as it came. Its name is the browser's word: shown, never used as a path.
struct UploadedFile {
    std::string name;
    std::string bytes;
};
struct Upload {
    Fields fields;
    std::optional<UploadedFile> file;
};
/// A form with at most one file of at most limits::kUploadBytes; an input without a file is passed over.
Result<Upload> parse_multipart_upload(std::string_view body, std::string_view content_type);

/// A form without files: an empty file input is passed over, a file is refused.
Result<Fields> parse_multipart_fields(std::string_view body, std::string_view content_type);

}  // namespace madoguchi::http
