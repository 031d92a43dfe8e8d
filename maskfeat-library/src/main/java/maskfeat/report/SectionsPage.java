package maskfeat.report;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A page of sections with sentences, a drawing and tables.
 *
 * @param title of the page
 * @param kind of page, shown under the title
 * @param sections from top to bottom
 */
public record SectionsPage(String title, String kind, List<Section> sections) {
    /**
     * A section.
     *
     * @param sentences a paragraph each
     * @param plot below the sentences
     * @param tables below the plot
     */
    public record Section(
            String heading, List<String> sentences, Optional<DotPlot> plot, List<HtmlReport.Table> tables) {
        public Section {
            sentences = List.copyOf(sentences);
            tables = List.copyOf(tables);
        }
    }

    public SectionsPage {
        sections = List.copyOf(sections);
    }

    /** Writes the page atomically. */
    public void write(Path file) {
        Page.write(
                file,
                Page.html(
                        title,
                        kind,
                        Markup.each(
                                sections,
                                section -> Markup.of(
                                        "<section>\n<h2>%s</h2>\n%s%s%s</section>\n",
                                        section.heading(),
                                        Markup.each(
                                                section.sentences(),
                                                line -> Markup.of("<p class=\"note\">%s</p>\n", line)),
                                        section.plot().map(DotPlot::markup).orElse(Markup.NONE),
                                        Markup.each(
                                                section.tables(),
                                                table -> ShownTable.of(table).markup()))),
                        "{}"));
    }
}
