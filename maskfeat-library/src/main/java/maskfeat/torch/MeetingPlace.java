package maskfeat.torch;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Where ranks meet, before they have met: rank 0 keeps a store there, or, if it refuses the run, answers for a while those that
 * come.
 */
public final class MeetingPlace {
    /** The first word of a rank 0 that refuses the run. A store waits for the first word of who comes. */
    public static final String GREETING = "maskfeat: what do you refuse?";

    private static final int CONNECT_MILLIS = 2_000;
    /** Longer than rank 0 waits before it greets. */
    private static final int LISTEN_MILLIS = 700;

    private static final long BETWEEN_MILLIS = 100;
    private static final long REMIND_SECONDS = 30;

    private MeetingPlace() {}

    /**
     * Waits until somebody listens where a rank is to meet the others, which is all that is known of rank 0 before.
     *
     * @param notices takes now and then a sentence on whom it waits for
     * @throws RankLost if rank 0 refuses the run
     * @throws IllegalArgumentException if nobody listens for so long
     */
    static void reach(RankPlace place, Duration patience, Consumer<String> notices) {
        long start = System.nanoTime();
        long told = start;
        while (true) {
            long now = System.nanoTime();
            if (now - start > patience.toNanos()) {
                throw new IllegalArgumentException(place.from() + ": rank " + place.rank() + " found nobody at "
                        + place.host() + ":" + place.port() + " in " + patience.toMinutes()
                        + " minutes; start rank 0, with the same host and port");
            }
            if (now - told > Duration.ofSeconds(REMIND_SECONDS).toNanos()) {
                notices.accept("still waiting for rank 0 of " + place.size());
                told = now;
            }
            try {
                for (InetAddress address : InetAddress.getAllByName(place.host())) {
                    if (isMet(place, address)) {
                        return;
                    }
                }
            } catch (IOException unknownYet) {
                // a host whose name is given out with its start
            }
            LockSupport.parkNanos(Duration.ofMillis(BETWEEN_MILLIS).toNanos());
        }
    }

    private static boolean isMet(RankPlace place, InetAddress address) {
        try (Socket socket = new Socket(Proxy.NO_PROXY)) {
            socket.connect(new InetSocketAddress(address, place.port()), CONNECT_MILLIS);
            socket.setSoTimeout(LISTEN_MILLIS);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            try {
                if (!in.readUTF().equals(GREETING)) {
                    return true; // of whatever it is, libtorch says more
                }
            } catch (SocketTimeoutException silent) {
                return true;
            }
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeUTF(RankPlace.thisHost());
            out.writeUTF(""); // nothing
            out.flush();
            in.readBoolean();
        } catch (IOException notYet) {
            return false;
        }
        throw new RankLost(0, true, "rank 0 refuses the run, and says why; rank " + place.rank() + " ends with it");
    }
}
