/// A whole logical device out of one constant table, for programs that have a few values to show and no meter behind
/// them. Logical names, the object list, access rights and errors follow from the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dlms/server/logical_device.hpp"
#include "dlms/server/session.hpp"

namespace ferraris::dlms {

/// One attribute. Rows of one object stand together; attribute 1, the logical name, needs no row. The functions get
/// what was given to the device as `State`.
///
///     constexpr TableRow<Boiler> kTable[]{
///         {3, 0, obis(0, 0, 128, 0, 0), 2, [](const Boiler& boiler, DataWriter& out) { out.long_(boiler.decicelsius);
///         }}, {3, 0, obis(0, 0, 128, 0, 0), 3, [](const Boiler&, DataWriter& out) {
///              out.scaler_unit(-1, Unit::degree_celsius); }},
///     };
template <class State>
struct TableRow {
    std::uint16_t class_id{0};
    std::uint8_t version{0};
    LogicalName name{};
    std::int8_t attribute{0};
    /// Writes exactly one element. Null: the attribute cannot be read.
    void (*read)(const State& state, DataWriter& out){nullptr};
    /// `value` is one well-formed element; its type and range are for this to judge. Null: it cannot be written.
    DataAccessResult (*write)(State& state, ByteView value){nullptr};
};

/// A table without its state. All functions are pure on purpose: the library is built without run-time type
/// information, and a class with a virtual function defined there could not be derived from in programs that have it.
class AttributeTable {
public:
    struct Entry {
        std::uint16_t class_id{0};
        std::uint8_t version{0};
        LogicalName name{};
        std::int8_t attribute{0};
        bool readable{false};
        bool writable{false};
    };

    [[nodiscard]] virtual std::size_t row_count() const = 0;
    [[nodiscard]] virtual Entry row(std::size_t index) const = 0;
    virtual void read_row(std::size_t index, DataWriter& out) const = 0;
    [[nodiscard]] virtual DataAccessResult write_row(std::size_t index, ByteView value) = 0;

protected:
    ~AttributeTable() = default;
};

/// `LogicalDevice::read` and `write` over a table.
[[nodiscard]] ReadOutcome read_table(const AttributeTable& table, const Caller& caller,
                                     const AttributeDescriptor& attribute, const Selection* selection,
                                     ReadCursor& cursor, ByteWriter& out);
[[nodiscard]] DataAccessResult write_table(AttributeTable& table, const Caller& caller,
                                           const AttributeDescriptor& attribute, const Selection* selection,
                                           ByteView value);

/// Table, clients and system title (8 octets) belong to the caller and outlive the device, as does the state. All
/// clients may read; only those that have authenticated themselves may write.
template <class State>
class TableDevice : public LogicalDevice, private AttributeTable {
public:
    TableDevice(State& state, std::span<const TableRow<State>> table, std::span<const ClientAccess> clients,
                ByteView system_title)
        : state_(state), table_(table), clients_(clients), system_title_(system_title) {}

    [[nodiscard]] ByteView system_title() const final { return system_title_; }
    [[nodiscard]] std::optional<ClientAccess> client(std::uint16_t client_sap) const final {
        for (const ClientAccess& access : clients_) {
            if (access.client_sap == client_sap) return access;
        }
        return std::nullopt;
    }
    [[nodiscard]] ReadOutcome read(const Caller& caller, const AttributeDescriptor& attribute,
                                   const Selection* selection, ReadCursor& cursor, ByteWriter& out) final {
        return read_table(*this, caller, attribute, selection, cursor, out);
    }
    [[nodiscard]] DataAccessResult write(const Caller& caller, const AttributeDescriptor& attribute,
                                         const Selection* selection, ByteView value) final {
        return write_table(*this, caller, attribute, selection, value);
    }

    // Ciphering needs counters that outlive the program, and a place to keep them. Whoever has one overrides these
    // three; as they stand every ciphered request is refused.
    [[nodiscard]] bool accept_invocation_counter(std::uint16_t, KeySet, std::uint32_t) override { return false; }
    [[nodiscard]] std::uint32_t expected_invocation_counter(std::uint16_t, KeySet) const override { return 0; }
    [[nodiscard]] std::optional<std::uint32_t> next_invocation_counter(std::uint16_t, KeySet) override {
        return std::nullopt;
    }
    /// A table has no methods; override to have some.
    [[nodiscard]] ActionResult invoke(const Caller&, const MethodDescriptor&, ByteView, ByteWriter&) override {
        return ActionResult::object_undefined;
    }
    void security_event(std::uint16_t, SecurityEvent) override {}

private:
    [[nodiscard]] std::size_t row_count() const final { return table_.size(); }
    [[nodiscard]] Entry row(std::size_t index) const final {
        const TableRow<State>& row = table_[index];
        return {row.class_id, row.version, row.name, row.attribute, row.read != nullptr, row.write != nullptr};
    }
    void read_row(std::size_t index, DataWriter& out) const final { table_[index].read(state_, out); }
    [[nodiscard]] DataAccessResult write_row(std::size_t index, ByteView value) final {
        return table_[index].write(state_, value);
    }

    State& state_;
    std::span<const TableRow<State>> table_;
    std::span<const ClientAccess> clients_;
    ByteView system_title_;
};

}  // namespace ferraris::dlms
