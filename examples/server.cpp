// A boiler that can be read over DLMS like a meter, and takes a new set-point from client 2, who has a password.
// usage: BOILER_PASSWORD=... server PORT
#include <boost/asio.hpp>
#include <ferraris/crypto/openssl.hpp>
#include <ferraris/dlms/server/table_device.hpp>
#include <ferraris/dlms/wrapper.hpp>
using namespace ferraris;
using namespace ferraris::dlms;
using boost::asio::ip::tcp;

struct Boiler {
    std::uint64_t energy_wh{1234567};
    std::int16_t set_point_decicelsius{550};
};

DataAccessResult take_set_point(Boiler& boiler, ByteView value) {
    DataReader in(value);
    const std::int16_t decicelsius = in.long_();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (decicelsius < 100 || decicelsius > 900) return DataAccessResult::other_reason;
    boiler.set_point_decicelsius = decicelsius;
    return DataAccessResult::success;
}

constexpr LogicalName kName = obis(0, 0, 42, 0, 0), kEnergy = obis(1, 0, 1, 8, 0), kSetPoint = obis(0, 0, 128, 0, 1);
constexpr TableRow<Boiler> kTable[]{
    {1, 0, kName, 2, [](const Boiler&, DataWriter& out) { out.octet_string(octets_of("XMPBOILER0000001")); }},
    {3, 0, kEnergy, 2, [](const Boiler& boiler, DataWriter& out) { out.long64_unsigned(boiler.energy_wh); }},
    {3, 0, kEnergy, 3, [](const Boiler&, DataWriter& out) { out.scaler_unit(0, Unit::watt_hour); }},
    {3, 0, kSetPoint, 2, [](const Boiler& boiler, DataWriter& out) { out.long_(boiler.set_point_decicelsius); },
     take_set_point},
    {3, 0, kSetPoint, 3, [](const Boiler&, DataWriter& out) { out.scaler_unit(-1, Unit::degree_celsius); }},
};

/// Answers one client until it hangs up or sends what is no wrapper.
void serve(tcp::socket connection, LogicalDevice& device, Crypto& crypto) {
    ServerMemoryOf<> memory;
    ServerSession session(device, crypto, memory.lend());
    std::array<std::uint8_t, 2048> received, apdu, answer;
    WrapperParser parser(apdu);
    boost::system::error_code closed;
    while (!closed && parser.error() == WrapperError::none) {
        ByteView in = ByteView(received).first(connection.read_some(boost::asio::buffer(received), closed));
        while (const auto request = parser.push(in)) {
            const ByteView response = session.handle(request->source, request->apdu);
            ByteWriter out(answer);
            if (response.empty() || !write_wrapper({request->destination, request->source, response}, out)) continue;
            write(connection, boost::asio::buffer(answer, out.size()), closed);
        }
    }
}

int main(int, char** arguments) {
    constexpr auto kServices = Conformance::get | Conformance::set | Conformance::block_transfer_with_get;
    const ClientAccess clients[]{{.client_sap = 16, .conformance = kServices},
                                 {.client_sap = 2,
                                  .mechanism = AuthenticationMechanism::low,
                                  .secret = octets_of(std::getenv("BOILER_PASSWORD")),
                                  .conformance = kServices}};
    Boiler boiler;
    TableDevice<Boiler> device(boiler, kTable, clients, octets_of("XMP00001"));
    const auto crypto = make_openssl_crypto();
    boost::asio::io_context network;
    tcp::acceptor port(network, {boost::asio::ip::address_v4::loopback(), std::uint16_t(std::stoi(arguments[1]))});
    while (true) serve(port.accept(), device, *crypto);
}
