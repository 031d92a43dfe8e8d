package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Dimension;
import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import maskfeat.report.PanelPlaces.Place;
import maskfeat.report.PanelPlaces.Wanted;
import org.junit.jupiter.api.Test;

/** Panels stand beside their boxes, cover none of each other, and do not jump without need. */
class PanelPlacesTest {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;
    private static final List<Dimension> SIZES =
            List.of(new Dimension(180, 61), new Dimension(160, 44), new Dimension(80, 27));

    private static Wanted person(int person, int left, int top) {
        return new Wanted(person, new Rectangle(left, top, 70, 150), SIZES);
    }

    private static void assertApart(List<Place> places) {
        for (int i = 0; i < places.size(); i++) {
            if (places.get(i) != null) {
                assertThat(new Rectangle(WIDTH, HEIGHT).contains(places.get(i).at()))
                        .isTrue();
                for (int other = 0; other < i; other++) {
                    if (places.get(other) != null) {
                        assertThat(places.get(i)
                                        .at()
                                        .intersects(places.get(other).at()))
                                .as(places.get(i) + " and " + places.get(other))
                                .isFalse();
                    }
                }
            }
        }
    }

    @Test
    void somebodyAloneHasItAboveOrWhereThereIsRoom() {
        assertThat(new PanelPlaces().place(List.of(person(0, 200, 100)), WIDTH, HEIGHT))
                .containsExactly(new Place(new Rectangle(200, 100 - 61, 180, 61), 0, false));
        Place low = new PanelPlaces()
                .place(List.of(person(0, 200, 10)), WIDTH, HEIGHT)
                .get(0);
        assertThat(low.at()).isEqualTo(new Rectangle(200, 10 + 150 + 1, 180, 61));
        Wanted whole = new Wanted(0, new Rectangle(WIDTH, HEIGHT), SIZES);
        assertThat(new PanelPlaces().place(List.of(whole), WIDTH, HEIGHT).get(0).at())
                .isEqualTo(new Rectangle(0, 0, 180, 61));
    }

    @Test
    void ofPeopleOnOnePlaceEachHasItsOwn() {
        List<Wanted> same = List.of(person(0, 300, 100), person(1, 305, 102), person(2, 310, 98));
        List<Place> places = new PanelPlaces().place(same, WIDTH, HEIGHT);
        assertApart(places);
        assertThat(places).doesNotContainNull().allMatch(place -> place.size() == 0);
    }

    @Test
    void aPanelCoversNobodyElseWhereItNeedNot() {
        // Above the second is the first.
        List<Wanted> stacked = List.of(person(0, 300, 10), person(1, 300, 170));
        List<Place> places = new PanelPlaces().place(stacked, WIDTH, HEIGHT);
        assertThat(places.get(1).at().intersects(stacked.get(0).box())).isFalse();
        assertThat(places.get(0).at().intersects(stacked.get(1).box())).isFalse();
    }

    @Test
    void acrossAFilmPanelsMoveWithTheirPeopleAndSeldomJump() {
        // Two walk past each other, a third stands in between.
        PanelPlaces places = new PanelPlaces();
        PanelPlaces again = new PanelPlaces();
        List<Place> before = List.of();
        int jumps = 0;
        for (int t = 0; t < 250; t++) {
            List<Wanted> wanted = List.of(person(0, 2 * t, 120), person(1, 500 - 2 * t, 130), person(2, 260, 110));
            List<Place> now = places.place(wanted, WIDTH, HEIGHT);
            assertApart(now);
            assertThat(now).doesNotContainNull();
            assertThat(again.place(wanted, WIDTH, HEIGHT)).isEqualTo(now);
            for (int i = 0; i < before.size(); i++) {
                Rectangle from = before.get(i).at();
                Rectangle to = now.get(i).at();
                // A step of a person is two pixels.
                jumps += Math.abs(from.x - to.x) > 2 || Math.abs(from.y - to.y) > 2 ? 1 : 0;
            }
            before = now;
        }
        assertThat(jumps).isBetween(1, 4);
    }

    @Test
    void inACrowdPanelsShrinkAndGrowAgain() {
        PanelPlaces places = new PanelPlaces();
        List<Wanted> crowd = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            crowd.add(person(i, 20 * i, 50 + 7 * (i % 5)));
        }
        List<Place> placed = places.place(crowd, WIDTH, HEIGHT);
        assertApart(placed);
        assertThat(placed).anyMatch(place -> place != null && place.size() > 0);
        int small = 0;
        while (placed.get(small) == null || placed.get(small).size() == 0) {
            small++;
        }
        List<Wanted> alone = List.of(crowd.get(small));
        assertThat(places.place(alone, WIDTH, HEIGHT).get(0).size())
                .as("not at once")
                .isPositive();
        for (int t = 0; t < 30; t++) {
            placed = places.place(alone, WIDTH, HEIGHT);
        }
        assertThat(placed.get(0).size()).isZero();
    }

    @Test
    void whateverPeopleDoNoPanelsCoverEachOther() {
        Random random = new Random(5);
        PanelPlaces places = new PanelPlaces();
        int[][] at = new int[9][2];
        int jumps = 0;
        List<Place> before = List.of();
        for (int t = 0; t < 400; t++) {
            List<Wanted> wanted = new ArrayList<>();
            for (int i = 0; i < at.length; i++) {
                at[i][0] = Math.max(
                        0, Math.min(WIDTH - 70, t == 0 ? random.nextInt(WIDTH) : at[i][0] + random.nextInt(7) - 3));
                at[i][1] = Math.max(
                        0, Math.min(HEIGHT - 150, t == 0 ? random.nextInt(200) : at[i][1] + random.nextInt(7) - 3));
                wanted.add(person(i, at[i][0], at[i][1]));
            }
            List<Place> now = places.place(wanted, WIDTH, HEIGHT);
            assertApart(now);
            for (int i = 0; i < before.size(); i++) {
                jumps += before.get(i) != null
                                && now.get(i) != null
                                && before.get(i)
                                                .at()
                                                .getLocation()
                                                .distance(now.get(i).at().getLocation())
                                        > 10
                        ? 1
                        : 0;
            }
            before = now;
        }
        assertThat(jumps).isLessThan(9 * 400 / 50); // nine people in a small frame for a quarter of a minute
    }
}
