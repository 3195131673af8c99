#include "spreadsheet/xml_reader.hpp"

#include <expat.h>

#include <new>

#include "spreadsheet/sheet_builder.hpp"

namespace madoguchi::spreadsheet {
namespace {

constexpr char kSeparator = '|';

std::string_view local_name(std::string_view name) {
    const auto at = name.rfind(kSeparator);
    return at == std::string_view::npos ? name : name.substr(at + 1);
}

}  // namespace

std::optional<std::string_view> XmlAttributes::find(std::string_view wanted) const {
    for (const char** pair = pairs_; *pair != nullptr; pair += 2) {
        if (local_name(pair[0]) == wanted) {
            return std::string_view(pair[1]);
        }
    }
    return std::nullopt;
}

/// What expat calls. No exception may pass through its C frames.
struct XmlReader::Callbacks {
    template <class F>
    static void guarded(void* user, F&& f) {
        auto& reader = *static_cast<XmlReader*>(user);
        try {
            reader.take(f(reader));
        } catch (const std::bad_alloc&) {
            reader.take(failure(ErrorKind::unavailable, "busy"));
        } catch (...) {
            reader.take(refuse_file("file_broken"));
        }
    }
    static void begin(void* user, const char* name, const char** attributes) {
        guarded(user,
                [&](XmlReader& reader) { return reader.handler_.begin(local_name(name), XmlAttributes(attributes)); });
    }
    static void end(void* user, const char* name) {
        guarded(user, [&](XmlReader& reader) { return reader.handler_.end(local_name(name)); });
    }
    static void text(void* user, const char* piece, int length) {
        guarded(user, [&](XmlReader& reader) {
            return reader.handler_.text({piece, static_cast<std::size_t>(length)});
        });
    }
    static void document_type(void* user, const char*, const char*, const char*, int) {
        guarded(user, [](XmlReader&) -> Result<void> { return refuse_file("file_broken"); });
    }
};

XmlReader::XmlReader(XmlHandler& handler) : handler_(handler), parser_(XML_ParserCreateNS(nullptr, kSeparator)) {
    if (parser_ == nullptr) {
        throw std::bad_alloc();
    }
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(parser_, &Callbacks::begin, &Callbacks::end);
    XML_SetCharacterDataHandler(parser_, &Callbacks::text);
    XML_SetStartDoctypeDeclHandler(parser_, &Callbacks::document_type);
}

XmlReader::~XmlReader() {
    XML_ParserFree(parser_);
}

void XmlReader::take(Result<void> result) {
    if (!result && !error_) {
        error_ = std::move(result.error());
        XML_StopParser(parser_, XML_FALSE);
    }
}

Result<void> XmlReader::parse(std::string_view bytes, bool last) {
    const auto status = XML_Parse(parser_, bytes.data(), static_cast<int>(bytes.size()), last ? 1 : 0);
    if (error_) {
        return failure(*error_);
    }
    if (status != XML_STATUS_OK) {
        return refuse_file("file_broken");
    }
    return {};
}

Result<void> XmlReader::feed(std::string_view bytes) {
    return parse(bytes, false);
}

Result<void> XmlReader::finish() {
    return parse({}, true);
}

}  // namespace madoguchi::spreadsheet
