package maskfeat.cli;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import maskfeat.torch.MeetingPlace;
import maskfeat.torch.RankPlace;

/**
 * How ranks that refuse a run before they have met find out that they refuse the same. Rank 0, which has said its error, listens for a
 * while where all were to meet; each other one asks there whether its own has been said. One that gets no answer says its error
 * itself: rather twice than not at all.
 */
final class RefusalRound {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration BETWEEN = Duration.ofMillis(100);

    /** A rank that refuses nothing comes to meet, and speaks first. One that asks waits to be greeted. */
    private static final int SILENCE_MILLIS = 300;

    private static final int ANSWER_MILLIS = 2_000;
    private static final int LONGEST = 10_000; // characters; what writeUTF takes at most are 65535 bytes

    private RefusalRound() {}

    /**
     * As rank 0, which has said a text: answers the others until all have asked or some seconds are over.
     *
     * @param place of rank 0
     */
    static void answer(RankPlace place, String text) {
        answer(place, text, PATIENCE);
    }

    static void answer(RankPlace place, String text, Duration patience) {
        if (place.agentStore()) {
            return; // another process listens there
        }
        Set<String> said = ConcurrentHashMap.newKeySet();
        CountDownLatch asking = new CountDownLatch(place.size() - 1);
        try (ServerSocket server = new ServerSocket()) {
            server.setReuseAddress(true);
            InetAddress loopback = InetAddress.getLoopbackAddress();
            server.bind(
                    place.isHere()
                            ? new InetSocketAddress(loopback, place.port())
                            : new InetSocketAddress(place.port()));
            Thread accepting = new Thread(() -> accept(server, cut(text), said, asking), "refusals");
            accepting.setDaemon(true);
            accepting.start();
            asking.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IOException taken) {
            return; // the others say theirs
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void accept(ServerSocket server, String text, Set<String> said, CountDownLatch asking) {
        while (true) {
            try {
                Socket socket = server.accept();
                Thread answering = new Thread(() -> answer(socket, text, said, asking), "refusal");
                answering.setDaemon(true);
                answering.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void answer(Socket socket, String text, Set<String> said, CountDownLatch asking) {
        try (socket) {
            socket.setSoTimeout(SILENCE_MILLIS);
            try {
                socket.getInputStream().read();
                return; // one that comes to meet
            } catch (SocketTimeoutException silent) {
                socket.setSoTimeout(ANSWER_MILLIS);
            }
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            out.writeUTF(MeetingPlace.GREETING);
            String host = in.readUTF();
            String theirs = in.readUTF();
            // What one machine refuses otherwise than rank 0 is said by the first of its ranks.
            out.writeBoolean(theirs.equals(text) || !said.add(host + "\n" + theirs));
            out.flush();
            asking.countDown();
        } catch (IOException gone) {
            return; // it says its own
        }
    }

    /** What another rank finds where all were to meet. */
    enum Answer {
        /** Its text need not be said: rank 0 has said the same, or another rank of this machine has. */
        SAID,
        /** Rank 0 refuses too, for another reason. */
        OTHERWISE,
        /** Rank 0 refuses nothing, and its store waits for those that come to meet. */
        STORE,
        NOBODY
    }

    /** As another rank: asks whether a text has been said. */
    static Answer ask(RankPlace place, String text) {
        return ask(place, RankPlace.thisHost(), text, PATIENCE);
    }

    static Answer ask(RankPlace place, String host, String text, Duration patience) {
        if (place.agentStore()) {
            return Answer.STORE; // of another process, which serves those that meet
        }
        long start = System.nanoTime();
        while (System.nanoTime() - start < patience.toNanos()) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(place.host(), place.port()), ANSWER_MILLIS);
                socket.setSoTimeout(ANSWER_MILLIS);
                return ask(socket, host, text);
            } catch (IOException notYet) {
                LockSupport.parkNanos(BETWEEN.toNanos());
            }
        }
        return Answer.NOBODY;
    }

    private static Answer ask(Socket socket, String host, String text) {
        try {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            if (!in.readUTF().equals(MeetingPlace.GREETING)) {
                return Answer.STORE;
            }
            out.writeUTF(host);
            out.writeUTF(cut(text));
            out.flush();
            return in.readBoolean() ? Answer.SAID : Answer.OTHERWISE;
        } catch (IOException silent) {
            return Answer.STORE;
        }
    }

    private static String cut(String text) {
        return text.substring(0, Math.min(text.length(), LONGEST));
    }
}
