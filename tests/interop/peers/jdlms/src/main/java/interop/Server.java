package interop;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.openmuc.jdlms.AccessResultCode;
import org.openmuc.jdlms.AttributeAccessMode;
import org.openmuc.jdlms.AuthenticationMechanism;
import org.openmuc.jdlms.CosemAttribute;
import org.openmuc.jdlms.CosemClass;
import org.openmuc.jdlms.CosemInterfaceObject;
import org.openmuc.jdlms.CosemMethod;
import org.openmuc.jdlms.DataDirectory;
import org.openmuc.jdlms.DlmsServer;
import org.openmuc.jdlms.IllegalAttributeAccessException;
import org.openmuc.jdlms.IllegalMethodAccessException;
import org.openmuc.jdlms.LogicalDevice;
import org.openmuc.jdlms.ObisCode;
import org.openmuc.jdlms.SecuritySuite;
import org.openmuc.jdlms.SecuritySuite.EncryptionMechanism;
import org.openmuc.jdlms.SelectiveAccessDescription;
import org.openmuc.jdlms.ServerBuilder;
import org.openmuc.jdlms.datatypes.DataObject;
import org.openmuc.jdlms.datatypes.DataObject.Type;
import org.openmuc.jdlms.internal.association.Association;
import org.openmuc.jdlms.internal.transportlayer.server.ServerTcpLayer.TcpServerConnectionInformation;
import org.openmuc.jdlms.sessionlayer.server.ServerSessionLayerFactories;
import org.openmuc.jdlms.sessionlayer.server.ServerSessionLayerFactory;
import org.openmuc.jdlms.transportlayer.StreamAccessor;
import org.openmuc.jdlms.transportlayer.server.ServerTransportLayer;

/** A small meter made of jDLMS; its contents come as one argument of JSON (peer_meter.py). Prints its port. */
public final class Server {
    private Server() {}

    /** The peer's own TCP layer listens on every interface; this one listens on loopback only. */
    private static final class LoopbackLayer implements ServerTransportLayer {
        private final ServerSocket socket;
        private final DataDirectory directory;
        private final ServerSessionLayerFactory sessions;
        private final DlmsServer.TcpServerSettingsImpl settings;

        LoopbackLayer(ServerSocket socket, DataDirectory directory, ServerSessionLayerFactory sessions,
                DlmsServer.TcpServerSettingsImpl settings) {
            this.socket = socket;
            this.directory = directory;
            this.sessions = sessions;
            this.settings = settings;
        }

        @Override
        public void start() {
            new Thread(this::acceptAll).start();
        }

        private void acceptAll() {
            for (long connection = 1; !socket.isClosed(); ++connection) {
                try {
                    Socket client = socket.accept();
                    new Thread(new Association(directory, sessions.newSesssionLayer(new Stream(client), settings),
                            connection, settings, new TcpServerConnectionInformation(client.getInetAddress()))).start();
                } catch (IOException closed) {
                    return;
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static final class Stream implements StreamAccessor {
        private final Socket socket;
        private final DataInputStream input;
        private final DataOutputStream output;

        Stream(Socket socket) throws IOException {
            this.socket = socket;
            this.input = new DataInputStream(socket.getInputStream());
            this.output = new DataOutputStream(socket.getOutputStream());
        }

        @Override
        public void setTimeout(int milliseconds) throws IOException {
            socket.setSoTimeout(milliseconds);
        }

        @Override
        public DataInputStream getInputStream() {
            return input;
        }

        @Override
        public DataOutputStream getOutpuStream() {
            return output;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static final class Builder extends ServerBuilder<Builder> {
        private final ServerSocket socket;
        private final ServerSessionLayerFactory sessions;

        Builder(ServerSocket socket, ServerSessionLayerFactory sessions) {
            this.socket = socket;
            this.sessions = sessions;
        }

        @Override
        public DlmsServer build() throws IOException {
            DlmsServer.TcpServerSettingsImpl settings = new DlmsServer.TcpServerSettingsImpl(socket.getLocalPort());
            setPropertiesTo(settings);
            return newServer(new LoopbackLayer(socket, parseLogicalDevices(), sessions, settings));
        }
    }

    /** Data, class 1. */
    @CosemClass(id = 1)
    public static final class Data extends CosemInterfaceObject {
        @CosemAttribute(id = 2, accessMode = AttributeAccessMode.READ_AND_WRITE)
        private DataObject value;

        Data(String obis, DataObject value) {
            super(obis);
            this.value = value;
        }
    }

    /** Register, class 3. */
    @CosemClass(id = 3)
    public static final class Register extends CosemInterfaceObject {
        @CosemAttribute(id = 2, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject value;
        @CosemAttribute(id = 3, type = Type.STRUCTURE, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject scalerUnit;

        Register(JsonObject from) {
            super(from.get("obis").getAsString());
            value = DataObject.newUInteger32Data(from.get("value").getAsLong());
            scalerUnit = DataObject.newStructureData(DataObject.newInteger8Data(from.get("scaler").getAsByte()),
                    DataObject.newEnumerateData(from.get("unit").getAsInt()));
        }
    }

    /** Clock, class 8: the time only. */
    @CosemClass(id = 8)
    public static final class Clock extends CosemInterfaceObject {
        @CosemAttribute(id = 2, type = Type.OCTET_STRING)
        private DataObject time;

        Clock(String obis, long seconds) {
            super(obis);
            time = stamp(seconds);
        }

        /** Called by the peer for ACTION of shift_time. */
        @CosemMethod(id = 6, consumes = Type.LONG_INTEGER)
        public void shiftTime(DataObject shift) throws IllegalMethodAccessException {
            time = stamp(Values.seconds(time.getValue()) + shift.<Number>getValue().longValue());
        }
    }

    /** Profile generic, class 7, selective by range of the time and by entry. */
    @CosemClass(id = 7, version = 1)
    public static final class Profile extends CosemInterfaceObject {
        @CosemAttribute(id = 2, type = Type.ARRAY, selector = {1, 2}, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject buffer;
        @CosemAttribute(id = 3, type = Type.ARRAY, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject captureObjects;
        @CosemAttribute(id = 4, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject capturePeriod;
        @CosemAttribute(id = 5, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject sortMethod = DataObject.newEnumerateData(1);
        @CosemAttribute(id = 6, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject sortObject;
        @CosemAttribute(id = 7, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject entriesInUse;
        @CosemAttribute(id = 8, accessMode = AttributeAccessMode.READ_ONLY)
        private DataObject profileEntries;

        private final List<DataObject> rows = new ArrayList<>();
        private final List<Long> times = new ArrayList<>();

        Profile(JsonObject from) {
            super(from.get("obis").getAsString());
            List<DataObject> columns = new ArrayList<>();
            for (JsonElement element : from.getAsJsonArray("columns")) {
                JsonArray column = element.getAsJsonArray();
                columns.add(DataObject.newStructureData(DataObject.newUInteger16Data(column.get(0).getAsInt()),
                        DataObject.newOctetStringData(new ObisCode(column.get(1).getAsString()).bytes()),
                        DataObject.newInteger8Data(column.get(2).getAsByte()), DataObject.newUInteger16Data(0)));
            }
            for (JsonElement element : from.getAsJsonArray("rows")) {
                JsonArray row = element.getAsJsonArray();
                times.add(row.get(0).getAsLong());
                rows.add(DataObject.newStructureData(stamp(row.get(0).getAsLong()),
                        DataObject.newUInteger32Data(row.get(1).getAsLong())));
            }
            buffer = DataObject.newArrayData(rows);
            captureObjects = DataObject.newArrayData(columns);
            sortObject = columns.get(0);
            capturePeriod = DataObject.newUInteger32Data(from.get("period").getAsLong());
            entriesInUse = DataObject.newUInteger32Data(rows.size());
            profileEntries = DataObject.newUInteger32Data(rows.size());
        }

        /** Called by the peer for GET of the buffer. */
        public DataObject getBuffer(SelectiveAccessDescription selection) throws IllegalAttributeAccessException {
            if (selection == null) {
                return buffer;
            }
            List<DataObject> bounds = selection.getAccessParameter().getValue();
            List<DataObject> selected = new ArrayList<>();
            if (selection.getAccessSelector() == 1) {
                long from = Values.seconds(bounds.get(1).getValue());
                long to = Values.seconds(bounds.get(2).getValue());
                for (int row = 0; row < rows.size(); ++row) {
                    if (times.get(row) >= from && times.get(row) <= to) {
                        selected.add(rows.get(row));
                    }
                }
                return DataObject.newArrayData(selected);
            }
            if (selection.getAccessSelector() == 2) {
                int from = bounds.get(0).<Number>getValue().intValue();
                int to = bounds.get(1).<Number>getValue().intValue();
                return DataObject.newArrayData(rows.subList(from - 1, to == 0 ? rows.size() : Math.min(to, rows.size())));
            }
            throw new IllegalAttributeAccessException(AccessResultCode.SCOPE_OF_ACCESS_VIOLATED);
        }

        /** Demanded by the peer beside the getter of a selective attribute. */
        public void setBuffer(DataObject value, SelectiveAccessDescription selection)
                throws IllegalAttributeAccessException {
            throw new IllegalAttributeAccessException(AccessResultCode.READ_WRITE_DENIED);
        }
    }

    private static DataObject stamp(long seconds) {
        return DataObject.newOctetStringData(Values.time(seconds).encode());
    }

    private static LogicalDevice device(JsonObject meter) {
        byte[] title = Values.octets(meter.get("title").getAsString());
        long number = 0;
        for (int octet = 3; octet < 8; ++octet) {
            number = number << 8 | title[octet] & 0xFF;
        }
        LogicalDevice device = new LogicalDevice(meter.get("server").getAsInt(), meter.get("name").getAsString(),
                new String(title, 0, 3, StandardCharsets.US_ASCII), number);
        JsonObject keys = meter.getAsJsonObject("keys");
        device.setMasterKey(Values.octets(keys.get("master_key").getAsString()));
        device.addRestriction(meter.get("public_client").getAsInt(), SecuritySuite.builder().build());
        device.addRestriction(meter.get("reader_client").getAsInt(), SecuritySuite.builder()
                .setAuthenticationMechanism(AuthenticationMechanism.LOW)
                .setPassword(Values.octets(keys.get("password").getAsString())).build());
        device.addRestriction(meter.get("secure_client").getAsInt(), SecuritySuite.builder()
                .setAuthenticationMechanism(AuthenticationMechanism.HLS5_GMAC)
                .setEncryptionMechanism(EncryptionMechanism.AES_GCM_128)
                .setGlobalUnicastEncryptionKey(Values.octets(keys.get("encryption_key").getAsString()))
                .setAuthenticationKey(Values.octets(keys.get("authentication_key").getAsString())).build());
        for (JsonElement register : meter.getAsJsonArray("registers")) {
            device.registerCosemObject(new Register(register.getAsJsonObject()));
        }
        device.registerCosemObject(new Data(meter.get("counter").getAsString(), DataObject.newUInteger32Data(0)),
                new Data(meter.get("writable").getAsString(), DataObject.newOctetStringData(new byte[] {1, 2, 3})),
                new Clock("0.0.1.0.0.255", meter.get("clock").getAsLong()),
                new Profile(meter.getAsJsonObject("profile")));
        return device;
    }

    public static void main(String[] arguments) throws IOException {
        JsonObject meter = JsonParser.parseString(arguments[0]).getAsJsonObject();
        boolean hdlc = meter.get("transport").getAsString().equals("hdlc");
        ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        new Builder(socket, hdlc ? ServerSessionLayerFactories.newHdlcSessionLayerFactory()
                : ServerSessionLayerFactories.newWrapperSessionLayerFactory())
                .registerLogicalDevice(device(meter))
                .build();
        System.out.println(socket.getLocalPort());
        System.out.flush();
        System.in.read();  // the parent closes this to end the server
        System.exit(0);
    }
}
