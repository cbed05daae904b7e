#include "cli/parameter_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/error.hpp"
#include "cli/object_list.hpp"
#include "cli/parameter_value.hpp"
#include "cli/results.hpp"
#include "cli/tou_meter.hpp"

namespace ferraris::cli {
namespace {

constexpr std::string_view kTableOfTariffs = "the table of tariffs";
constexpr dlms::AttributeDescriptor kPassiveDays{20, kActivityCalendar, 9};

struct ParameterChange {
    const ParameterEntry* entry;
    std::vector<std::uint8_t> before;
    std::vector<std::uint8_t> after;
};

bool may_write(const std::vector<ListedObject>& list, const dlms::AttributeDescriptor& attribute) {
    const ListedObject* const object = find_object(list, attribute.instance, attribute.class_id);
    return object != nullptr && std::ranges::any_of(object->attributes, [&](const AttributeRight& right) {
               return right.attribute == attribute.attribute && right.writable;
           });
}

class ParameterImporter {
public:
    ParameterImporter(const ConnectOptions& connect, ParameterFile& file, const ParameterImport& options)
        : connect_(connect), file_(file), options_(options) {
        client_.emplace(connect);
    }

    std::vector<std::string> run() {
        check_model();
        find_changes();
        check_rights();
        require_no_issues(file_);
        write();
        std::vector<std::string> changed;
        for (const ParameterChange& change : changes_)
            changed.push_back(parameter_key(change.entry->parameter.attribute));
        if (tariffs_before_) changed.emplace_back(kTableOfTariffs);
        return changed;
    }

private:
    void complain(const ParameterEntry& entry, std::string_view what) {
        file_.issues.push_back({entry.line, fmt::format("{}: {}", parameter_key(entry.parameter.attribute), what)});
    }

    void check_model() {
        const std::string model = checked_model(*client_);
        if (file_.model.empty()) throw CliError(fmt::format("{} does not say of which model it is", file_.name));
        if (model == file_.model) return;
        throw CliError(fmt::format("{} is for a \"{}\", the meter is a \"{}\"; nothing was written", file_.name,
                                   file_.model, model));
    }

    void find_changes() {
        std::vector<dlms::AttributeDescriptor> attributes;
        for (const ParameterEntry& entry : file_.entries) attributes.push_back(entry.parameter.attribute);
        const std::vector<GetAnswer> answers = client_->get_all(attributes, nullptr);
        for (std::size_t i = 0; i < file_.entries.size(); ++i) {
            const ParameterEntry& entry = file_.entries[i];
            const auto now = decode_value(answers[i].value);
            if (answers[i].result != dlms::DataAccessResult::success || !now) {
                complain(entry, fmt::format("cannot be read: {}", explain(answers[i].result)));
                continue;
            }
            try {
                const auto element = parameter_element(attributes[i]);
                const Value wanted =
                    value_from_toml(entry.text, *now, parameter_shape(attributes[i]), element ? &*element : nullptr);
                if (wanted != *now) changes_.push_back({&entry, answers[i].value, encode_value(wanted)});
            } catch (const CliError& error) {
                complain(entry, error.what());
            }
        }
        if (!file_.tariffs) return;
        TouTable active = read_tou(*client_, TouSet::active);
        if (!differences(*file_.tariffs, active).empty()) tariffs_before_ = active;
    }

    void check_rights() {
        if (changes_.empty() && !tariffs_before_) return;
        const std::vector<ListedObject> list = read_object_list(*client_);
        for (const ParameterChange& change : changes_) {
            if (!may_write(list, change.entry->parameter.attribute)) {
                complain(*change.entry, "this client may not change it; associate as another client (--client)");
            } else if (change.entry->parameter.kind == meter::ParameterClass::sealed && !options_.sealed) {
                complain(*change.entry,
                         "it is sealed: the audit trail keeps each change for ever; add --sealed to change it");
            }
        }
        if (tariffs_before_ && !may_write(list, kPassiveDays)) {
            throw CliError("this client may not change the table of tariffs; associate as another client (--client)");
        }
    }

    void write() {
        std::size_t done = 0;
        try {
            for (; done < changes_.size(); ++done) write_one(changes_[done]);
            if (tariffs_before_) write_tariffs(*file_.tariffs);
        } catch (const CliError& error) {
            const std::string why = error.what();
            put_back(done, why);
        }
    }

    void write_one(const ParameterChange& change) {
        const dlms::AttributeDescriptor& attribute = change.entry->parameter.attribute;
        const dlms::DataAccessResult result = client_->set(attribute, change.after);
        if (result == dlms::DataAccessResult::success) return;
        throw CliError(fmt::format("{}:{}: {} was refused: {}", file_.name, change.entry->line,
                                   parameter_key(attribute), explain(result)));
    }

    void write_tariffs(const TouTable& table) {
        forget_activation(*client_);
        write_passive(*client_, table);
        activate_now(*client_);
        write_special_days(*client_, table);
    }

    /// The first `done` changes, and the table of tariffs when all of them were written; the last one first.
    [[noreturn]] void put_back(std::size_t done, const std::string& why) {
        std::vector<std::string> left;
        try {
            // The line may be what failed.
            client_.reset();
            client_.emplace(connect_);
            if (done == changes_.size() && tariffs_before_) write_tariffs(*tariffs_before_);
            for (std::size_t i = done; i-- > 0;) {
                const dlms::AttributeDescriptor& attribute = changes_[i].entry->parameter.attribute;
                if (client_->set(attribute, changes_[i].before) != dlms::DataAccessResult::success)
                    left.push_back(parameter_key(attribute));
            }
        } catch (const CliError& error) {
            throw CliError(fmt::format("{}; and what was written before could not be put back: {}", why, error.what()));
        }
        if (!left.empty()) {
            throw CliError(
                fmt::format("{}; what was written before was put back but for {}", why, fmt::join(left, ", ")));
        }
        throw CliError(fmt::format("{}; everything is as it was before", why));
    }

    const ConnectOptions& connect_;
    ParameterFile& file_;
    const ParameterImport& options_;
    std::optional<Client> client_{};
    std::vector<ParameterChange> changes_{};
    std::optional<TouTable> tariffs_before_{};  ///< it is another one now
};

}  // namespace

std::vector<std::string> import_parameters(const ConnectOptions& connect, ParameterFile& file,
                                           const ParameterImport& options) {
    return ParameterImporter(connect, file, options).run();
}

}  // namespace ferraris::cli
