package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RankAgreementTest {
    private static final Run RUN = Recipes.named("tiny-image");

    private static Run with(String... assignments) {
        return Runs.settings("tiny-image", assignments).value();
    }

    @Test
    void equalSettingsDifferInNothing() {
        assertThat(RankAgreement.difference(RUN, with(), 1)).isEmpty();
    }

    @Test
    void namesTheFirstSettingThatDiffers() {
        assertThat(RankAgreement.difference(RUN, with("optim.adamw.weight-decay=0.3"), 2))
                .hasValueSatisfying(text -> assertThat(text)
                        .startsWith("optim.adamw.weight-decay is ")
                        .endsWith(" on rank 0 and 0.3 on rank 2"));
    }

    @Test
    void aSettingThatMayDifferHidesNoOther() {
        assertThat(RankAgreement.difference(RUN, with("data.path=elsewhere", "seed=5"), 1))
                .contains("seed is 0 on rank 0 and 5 on rank 1");
    }

    @Test
    void whereDataLieAndHowTheyAreReadMayDiffer() {
        assertThat(RankAgreement.difference(RUN, with("data.path=elsewhere", "loader.threads=7", "train.threads=3"), 1))
                .isEmpty();
    }
}
