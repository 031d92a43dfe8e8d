package maskfeat.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import maskfeat.disk.Printable;
import maskfeat.report.ProgressLine;
import org.slf4j.LoggerFactory;

/**
 * Log lines: plain on stderr, out of the progress line's way, and with time and level in the run's folder. Of other programs'
 * classes, such as providers of file systems, nothing: some log each request, and a file that is not there as an error.
 */
public final class Logging extends ContextAwareBase implements Configurator {
    private static final String OURS = "maskfeat";

    /** For logback, which finds this class by its name in META-INF/services. */
    public Logging() {}

    /** Before a command has said where its log goes nothing is logged: standard output is for results. */
    @Override
    public ExecutionStatus configure(LoggerContext context) {
        levels(context);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** A line for each message whatever it holds, and below it the trace of an error. */
    private static final class Lines extends LayoutBase<ILoggingEvent> {
        private final PatternLayout prefix;

        Lines(PatternLayout prefix) {
            this.prefix = prefix;
        }

        @Override
        public String doLayout(ILoggingEvent event) {
            String trace = event.getThrowableProxy() == null
                    ? ""
                    : Printable.lines(ThrowableProxyUtil.asString(event.getThrowableProxy()));
            return prefix.doLayout(event)
                    + Printable.text(event.getFormattedMessage())
                    + System.lineSeparator()
                    + trace;
        }
    }

    /** Sends what is logged from now on to the terminal alone, until a run has its folder. */
    static void toTerminal() {
        terminal(reset(), Runnable::run, System.err);
    }

    /** Of a rank that does not lead: what it warns of goes to the terminal, marked, and nothing else. */
    static void ofRank(int rank) {
        Logger root = reset();
        AppenderBase<ILoggingEvent> terminal = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
                    System.err.println("rank " + rank + ": warning: " + Printable.text(event.getFormattedMessage()));
                }
            }
        };
        terminal.setContext(root.getLoggerContext());
        terminal.start();
        root.addAppender(terminal);
    }

    /** Sends what is logged from now on to the terminal, out of the progress line's way, and to the file. */
    static void to(ProgressLine progress, PrintStream err, Path file) {
        Logger root = reset();
        terminal(root, progress::interrupt, err);

        PatternLayout prefix = new PatternLayout();
        prefix.setContext(root.getLoggerContext());
        prefix.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level ");
        prefix.start();
        LayoutWrappingEncoder<ILoggingEvent> lines = new LayoutWrappingEncoder<>();
        lines.setContext(root.getLoggerContext());
        lines.setCharset(StandardCharsets.UTF_8);
        lines.setLayout(new Lines(prefix));
        lines.start();
        FileAppender<ILoggingEvent> log = new FileAppender<>();
        log.setContext(root.getLoggerContext());
        log.setFile(file.toString());
        log.setAppend(true);
        log.setEncoder(lines);
        log.start();
        root.addAppender(log);
    }

    private static void terminal(Logger root, Consumer<Runnable> interrupt, PrintStream err) {
        AppenderBase<ILoggingEvent> terminal = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (!event.getLevel().isGreaterOrEqual(Level.INFO)) {
                    return; // for the file only
                }
                String prefix = event.getLevel().isGreaterOrEqual(Level.WARN) ? "warning: " : "";
                interrupt.accept(() -> err.println(prefix + Printable.text(event.getFormattedMessage())));
            }
        };
        terminal.setContext(root.getLoggerContext());
        terminal.start();
        root.addAppender(terminal);
    }

    /** Flushes and closes the file; what is logged from now on goes to the terminal alone. */
    static void close() {
        toTerminal();
    }

    private static Logger reset() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        return levels(context);
    }

    private static Logger levels(LoggerContext context) {
        context.getLogger(OURS).setLevel(Level.DEBUG);
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.OFF);
        return root;
    }
}
