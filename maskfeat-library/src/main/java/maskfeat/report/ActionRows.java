package maskfeat.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.infer.ActionSeries;

/** What people do in a video as values for JSON: {@code predict --json} and {@code /v1/predict} have the same. */
public final class ActionRows {
    private ActionRows() {}

    /**
     * One object of a video.
     *
     * @param file its name
     * @param top number of actions of each box, best first
     */
    public static Map<String, Object> of(String file, ActionSeries series, int top) {
        List<Map<String, Object>> seen = new ArrayList<>();
        for (ActionSeries.Seen each : series.seen()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("second", each.seconds());
            one.put("person", each.person());
            one.put(
                    "box",
                    List.of(
                            each.box().x1(),
                            each.box().y1(),
                            each.box().x2(),
                            each.box().y2()));
            Map<String, Object> actions = new LinkedHashMap<>();
            for (int action : ActionSeries.best(each.scores(), top)) {
                actions.put(series.actions().get(action), each.scores()[action]);
            }
            one.put("actions", actions);
            seen.add(one);
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("file", file);
        row.put("seen", seen);
        return row;
    }
}
