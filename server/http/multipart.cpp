#include "http/multipart.hpp"

#include <algorithm>

#include "http/ascii.hpp"
#include "http/percent.hpp"

namespace madoguchi::http {
namespace {

tl::unexpected<Error> malformed(std::string detail) {
    return failure(ErrorKind::invalid, "malformed_request", std::move(detail));
}

struct Parameter {
    std::string name;
    std::string value;
};

// One `; name=value` or `; name="value"`, taken off the front of `rest`.
Result<Parameter> take_parameter(std::string_view& rest) {
    rest = trim(rest);
    if (rest.empty() || rest.front() != ';') {
        return malformed("parameter");
    }
    rest = trim(rest.substr(1));
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos) {
        return malformed("parameter");
    }
    Parameter parameter{lower_case(trim(rest.substr(0, equals))), {}};
    rest.remove_prefix(equals + 1);
    if (!rest.empty() && rest.front() == '"') {
        const auto close = rest.find('"', 1);
        if (close == std::string_view::npos) {
            return malformed("quoted parameter");
        }
        parameter.value = rest.substr(1, close - 1);
        rest.remove_prefix(close + 1);
    } else {
        const auto end = std::min(rest.find(';'), rest.size());
        parameter.value = trim(rest.substr(0, end));
        rest.remove_prefix(end);
    }
    return parameter;
}

// HTML's form submission escapes exactly these three in names and file names.
std::string unescape_name(std::string text) {
    for (const auto& [escaped, plain] : {std::pair{"%22", '"'}, std::pair{"%0D", '\r'}, std::pair{"%0A", '\n'}}) {
        for (auto at = text.find(escaped); at != std::string::npos; at = text.find(escaped, at + 1)) {
            text.replace(at, 3, 1, plain);
        }
    }
    return text;
}

Result<void> read_disposition(std::string_view value, MultipartPart& part) {
    const auto end = std::min(value.find(';'), value.size());
    if (lower_case(trim(value.substr(0, end))) != "form-data") {
        return malformed("Content-Disposition");
    }
    std::optional<std::string> name;
    for (auto rest = trim(value.substr(end)); !rest.empty(); rest = trim(rest)) {
        auto parameter = TRY(take_parameter(rest));
        auto text = unescape_name(std::move(parameter.value));
        if (!is_utf8(text) || text.find('\0') != std::string::npos) {
            return malformed("part name");
        }
        if (parameter.name == "name" && !name) {
            name = std::move(text);
        } else if (parameter.name == "filename" && !part.file_name) {
            part.file_name = std::move(text);
        } else {
            return malformed("Content-Disposition parameter");
        }
    }
    if (!name) {
        return malformed("part without a name");
    }
    part.name = std::move(*name);
    return {};
}

Result<MultipartPart> parse_part_headers(std::string_view text) {
    MultipartPart part;
    bool disposed = false;
    while (!text.empty()) {
        const auto end = std::min(text.find("\r\n"), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(text.size(), end + 2));
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) {
            return malformed("part header");
        }
        const auto name = lower_case(trim(line.substr(0, colon)));
        const auto value = trim(line.substr(colon + 1));
        if (name == "content-disposition") {
            if (disposed) {
                return malformed("two Content-Disposition");
            }
            disposed = true;
            TRY(read_disposition(value, part));
        } else if (name == "content-type") {
            part.content_type = lower_case(value);
        }
    }
    if (!disposed) {
        return malformed("no Content-Disposition");
    }
    return part;
}

}  // namespace

MultipartParser::MultipartParser(const std::string& boundary, MultipartLimits limits, MultipartSink& sink)
    : delimiter_("\r\n--" + boundary), limits_(limits), sink_(sink) {}

Result<void> MultipartParser::feed(std::string_view bytes) {
    if (state_ == State::failed) {
        return malformed("after an error");
    }
    pending_ += bytes;
    for (bool progressed = true; progressed;) {
        progressed = false;
        auto stepped = step(progressed);
        if (!stepped) {
            state_ = State::failed;
            return stepped;
        }
    }
    return {};
}

Result<void> MultipartParser::finish() {
    if (state_ != State::done) {
        return malformed("last boundary missing");
    }
    return {};
}

Result<void> MultipartParser::step(bool& progressed) {
    switch (state_) {
        case State::delimiter_wanted: {
            const auto compared = std::min(pending_.size(), delimiter_.size());
            if (pending_.compare(0, compared, delimiter_, 0, compared) != 0) {
                return malformed("first boundary");  // a preamble is allowed, but no browser sends one
            }
            if (compared == delimiter_.size()) {
                pending_.erase(0, compared);
                state_ = State::after_delimiter;
                progressed = true;
            }
            return {};
        }
        case State::after_delimiter:
            return read_after_delimiter(progressed);
        case State::in_headers:
            return read_headers(progressed);
        case State::in_data:
            return read_data(progressed);
        case State::done:
            pending_.clear();
            return {};  // an epilogue means nothing
        case State::failed:
            break;
    }
    return malformed("after an error");
}

Result<void> MultipartParser::read_after_delimiter(bool& progressed) {
    if (pending_.size() < 2) {
        return {};
    }
    if (pending_.starts_with("--")) {
        state_ = State::done;
    } else if (pending_.starts_with("\r\n")) {
        if (++parts_ > limits_.parts) {
            return malformed("too many parts");
        }
        state_ = State::in_headers;
    } else {
        return malformed("boundary line");
    }
    pending_.erase(0, 2);
    progressed = true;
    return {};
}

Result<void> MultipartParser::read_headers(bool& progressed) {
    const auto end = pending_.find("\r\n\r\n");
    if (std::min(end, pending_.size()) > limits::kMultipartHeaderBytes) {
        return malformed("part headers too long");
    }
    if (end == std::string::npos) {
        return {};
    }
    const auto part = TRY(parse_part_headers(std::string_view(pending_).substr(0, end)));
    pending_.erase(0, end + 4);
    part_is_file_ = part.file_name.has_value();
    part_bytes_ = 0;
    TRY(sink_.begin(part));
    state_ = State::in_data;
    progressed = true;
    return {};
}

Result<void> MultipartParser::read_data(bool& progressed) {
    const auto end = pending_.find(delimiter_);
    if (end == std::string::npos) {
        const auto kept = std::min(pending_.size(), delimiter_.size() - 1);
        TRY(emit(std::string_view(pending_).substr(0, pending_.size() - kept)));
        pending_.erase(0, pending_.size() - kept);
        return {};
    }
    TRY(emit(std::string_view(pending_).substr(0, end)));
    TRY(sink_.end());
    pending_.erase(0, end + delimiter_.size());
    state_ = State::after_delimiter;
    progressed = true;
    return {};
}

Result<void> MultipartParser::emit(std::string_view bytes) {
    part_bytes_ += bytes.size();
    if (part_bytes_ > (part_is_file_ ? limits_.file_bytes : limits_.field_bytes)) {
        return failure(ErrorKind::invalid, "payload_too_large", "multipart part");
    }
    return bytes.empty() ? Result<void>() : sink_.data(bytes);
}

Result<std::string> multipart_boundary(std::string_view content_type) {
    static constexpr std::string_view kAllowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'()+_,-./:=?";
    const auto semicolon = std::min(content_type.find(';'), content_type.size());
    std::optional<std::string> boundary;
    for (auto rest = content_type.substr(semicolon); !trim(rest).empty();) {
        auto parameter = TRY(take_parameter(rest));
        if (parameter.name == "boundary") {
            if (boundary) {
                return malformed("two boundaries");
            }
            boundary = std::move(parameter.value);
        }
    }
    if (!boundary || boundary->empty() || boundary->size() > 70 ||
        boundary->find_first_not_of(kAllowed) != std::string::npos) {
        return malformed("boundary");
    }
    return std::move(*boundary);
}

namespace {

enum class Files { none, one };

class FieldSink final : public MultipartSink {
public:
    explicit FieldSink(Files files) : files_(files) {}

    Result<void> begin(const MultipartPart& part) override {
        name_ = part.name;
        value_.clear();
        in_file_ = part.file_name && !part.file_name->empty();
        empty_file_ = part.file_name && part.file_name->empty();
        if (in_file_ && (files_ == Files::none || file)) {
            return malformed("a file where none is wanted");
        }
        if (in_file_) {
            file = UploadedFile{*part.file_name, {}};
        }
        return {};
    }
    Result<void> data(std::string_view bytes) override {
        if (in_file_) {
            file->bytes += bytes;
            return {};
        }
        if (empty_file_) {
            return malformed("a file where none is wanted");
        }
        value_ += bytes;
        return {};
    }
    Result<void> end() override {
        if (in_file_) {
            return {};
        }
        if (!is_utf8(value_) || value_.find('\0') != std::string::npos) {
            return malformed("field value");
        }
        if (!empty_file_) {
            fields.add(std::move(name_), std::move(value_));
        }
        return {};
    }

    Fields fields;
    std::optional<UploadedFile> file;

private:
    Files files_;
    std::string name_;
    std::string value_;
    bool in_file_ = false;
    bool empty_file_ = false;
};

}  // namespace

Result<Upload> parse_multipart_upload(std::string_view body, std::string_view content_type) {
    const auto boundary = TRY(multipart_boundary(content_type));
    FieldSink sink(Files::one);
    MultipartParser parser(boundary, {.file_bytes = limits::kUploadBytes}, sink);
    TRY(parser.feed(body));
    TRY(parser.finish());
    return Upload{std::move(sink.fields), std::move(sink.file)};
}

Result<Fields> parse_multipart_fields(std::string_view body, std::string_view content_type) {
    const auto boundary = TRY(multipart_boundary(content_type));
    FieldSink sink(Files::none);
    MultipartParser parser(boundary, {}, sink);
    TRY(parser.feed(body));
    TRY(parser.finish());
    return std::move(sink.fields);
}

}  // namespace madoguchi::http
