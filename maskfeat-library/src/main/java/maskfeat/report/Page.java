package maskfeat.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import maskfeat.disk.AtomicFile;

/** A self-contained page: it includes its style, scripts and the library that draws its charts. */
final class Page {
    private static final String FORMAT = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <link rel="icon" href="data:,"/>
            <title>%s</title>
            <style>
            %s
            %s
            </style>
            </head>
            <body>
            <header>
            <h1>%s</h1>
            <p class="kind">%s</p>
            </header>
            <main>
            %s</main>
            <script type="application/json" id="chart-data">%s</script>
            <!-- The charts are drawn by uPlot:
            %s
            -->
            <script>
            %s
            </script>
            <script>
            %s
            </script>
            </body>
            </html>
            """;

    private Page() {}

    /**
     * The complete page.
     *
     * @param kind of page, shown under the title
     * @param charts JSON, safe inside a script element
     */
    static String html(String title, String kind, Markup main, String charts) {
        return Markup.of(
                        FORMAT,
                        title,
                        resource("uplot/uPlot.min.css"),
                        resource("report.css"),
                        title,
                        kind,
                        main,
                        new Markup(charts),
                        resource("uplot/LICENSE"),
                        resource("uplot/uPlot.iife.min.js"),
                        resource("report.js"))
                .html();
    }

    /** Writes a page atomically. */
    static void write(Path file, String html) {
        try {
            AtomicFile.writeText(file, html);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Markup resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar of maskfeat is incomplete: it has no maskfeat/report/" + name);
            }
            return new Markup(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
