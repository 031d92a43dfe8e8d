package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RankAgreementTest {
    private static final String YAML = Recipes.BOOK.settings("tiny-image").yaml();

    @Test
    void equalSettingsDifferInNothing() {
        assertThat(RankAgreement.difference(YAML, YAML, 1)).isEmpty();
    }

    @Test
    void namesTheFirstSettingThatDiffers() {
        String other = Recipes.BOOK
                .settings("tiny-image")
                .set("optim.adamw.weight-decay=0.3")
                .yaml();
        assertThat(RankAgreement.difference(YAML, other, 2))
                .startsWith("optim.adamw.weight-decay is ")
                .endsWith(" on rank 0 and 0.3 on rank 2");
    }

    @Test
    void whereDataLieAndHowTheyAreReadMayDiffer() {
        String other = Recipes.BOOK
                .settings("tiny-image")
                .set("data.path=elsewhere")
                .set("loader.threads=7")
                .set("train.threads=3")
                .yaml();
        assertThat(RankAgreement.difference(YAML, other, 1)).isEmpty();
    }

    @Test
    void aSettingThatOneLacksIsNamed() {
        assertThat(RankAgreement.difference("version: 8\n", "version: 8\nseed: 3\n", 1))
                .isEqualTo("seed is not there on rank 0 and 3 on rank 1");
    }
}
