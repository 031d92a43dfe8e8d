"""Makes src/test/resources/videomae: small VideoMAE networks of transformers, and what those compute with them.

Needs torch, transformers and safetensors; the build does not run it. Made with torch 2.13 and transformers 5.18:

    python3 src/test/python/videomae.py src/test/resources/videomae

Each folder has the weights as transformers saves them, its config.json, and expected.safetensors: 'input' [B, 3, T, H, W],
'tokens' after the last block, 'logits' where it classifies. The folders with official and mmaction in their names hold
the same kind of network under the names of VideoMAE's own program and of mmaction2, with their epsilon.
"""

import json
import pathlib
import re
import sys

import torch
import transformers
from safetensors.torch import save_file

C, HEADS, DEPTH, PATCH, SIDE = 16, 2, 2, 4, 16
CLASSES = ["waving", "jumping", "standing"]


def noisy(model, seed):
    """Initial values are nearly symmetric and hide mistakes."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in sorted(model.named_parameters()):
            wide = 0.3 if value.dim() == 1 else 0.15
            value.add_(torch.randn(value.shape, generator=generator) * wide)
    return model.eval()


def network(kind, frames, mean, seed, eps=1e-12, bias=True):
    config = transformers.VideoMAEConfig(
        image_size=SIDE, patch_size=PATCH, num_frames=frames, hidden_size=C, num_hidden_layers=DEPTH,
        num_attention_heads=HEADS, intermediate_size=3 * C, use_mean_pooling=mean, layer_norm_eps=eps, qv_bias=bias,
        decoder_num_attention_heads=1, decoder_hidden_size=8, decoder_num_hidden_layers=1, decoder_intermediate_size=16,
    )
    if kind == "VideoMAEForVideoClassification":
        config.id2label = dict(enumerate(CLASSES))
        config.label2id = {name: number for number, name in enumerate(CLASSES)}
    return noisy(getattr(transformers, kind)(config), seed)


def expect(folder, model, seed):
    config = model.config
    generator = torch.Generator().manual_seed(seed)
    frames = torch.randn((1, config.num_frames, 3, SIDE, SIDE), generator=generator)
    trunk = getattr(model, "videomae", model)
    seen = {}
    handle = trunk.encoder.layer[-1].register_forward_hook(lambda module, inputs, output: seen.update(tokens=output))
    with torch.no_grad():
        if isinstance(model, transformers.VideoMAEForVideoClassification):
            seen["logits"] = model(frames).logits
        else:
            seen["last_hidden_state"] = trunk(frames).last_hidden_state
    handle.remove()
    seen["input"] = frames.transpose(1, 2)
    save_file({name: value.clone().contiguous() for name, value in seen.items()}, folder / "expected.safetensors")


def saved(root, name, *settings, in_memory=False, **more):
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    model = network(*settings, **more)
    if in_memory:
        save_file({key: value.contiguous() for key, value in model.state_dict().items()}, folder / "model.safetensors")
        model.config.save_pretrained(folder)
    else:
        model.save_pretrained(folder)
    expect(folder, model, settings[-1])


def renamed(model, names):
    """Queries, keys and values become one layer, and the rest gets other names."""
    tensors = {}
    state = model.state_dict()
    for name, value in state.items():
        if ".attention.attention." in name and not name.endswith("query.weight"):
            continue
        if name.endswith("query.weight"):
            stem = name[: -len("query.weight")]
            block = stem.replace("attention.attention.", "attn.")
            parts = [state[stem + part + ".weight"] for part in ("query", "key", "value")]
            tensors[block + "qkv.weight"] = torch.cat(parts)
            tensors[block + "q_bias"] = state[stem + "query.bias"]
            tensors[block + "v_bias"] = state[stem + "value.bias"]
        else:
            tensors[name] = value
    for pattern, new in names:
        tensors = {re.sub(pattern, new, name): value for name, value in tensors.items()}
    return {name: value.clone().contiguous() for name, value in tensors.items()}


def blocks(fc1, fc2):
    return [
        ("layernorm_before", "norm1"), ("layernorm_after", "norm2"), (r"attention\.output\.dense", "attn.proj"),
        (r"intermediate\.dense", fc1), (r"(layers?\.\d+)\.output\.dense", r"\1." + fc2), (r"layernorm", "norm"),
    ]


OFFICIAL = blocks("mlp.fc1", "mlp.fc2") + [
    (r"^videomae\.", "encoder."), (r"^decoder\.decoder_layers", "decoder.blocks"), (r"encoder\.encoder\.layer", "encoder.blocks"),
    (r"embeddings\.patch_embeddings\.projection", "patch_embed.proj"),
]
FINE_TUNED = OFFICIAL + [("^encoder\\.", ""), ("^classifier", "head")]
MMACTION = blocks("mlp.layers.0.0", "mlp.layers.1") + [
    (r"videomae\.encoder\.layer", "backbone.blocks"), (r"videomae\.", "backbone."), (r"^fc_norm", "backbone.fc_norm"),
    (r"embeddings\.patch_embeddings\.projection", "patch_embed.projection"), (r"^classifier", "cls_head.fc_cls"),
]


def official(root, name, kind, mean, seed, names, key):
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    model = network(kind, 16, mean, seed, eps=1e-6)
    if mean:
        model.fc_norm.eps = 1e-6
    torch.save({key: renamed(model, names), "epoch": 3}, folder / "model.pth")
    # As OpenGVLab publishes VideoMAE V2; without it 16 frames of 224 px are assumed.
    config = {"model_config": {
        "img_size": SIDE, "patch_size": PATCH, "num_frames": 16, "tubelet_size": 2, "embed_dim": C, "depth": DEPTH,
        "num_heads": HEADS, "mlp_ratio": 3, "cos_attn": False,
    }}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    expect(folder, model, seed)


def mmaction(root, name, seed):
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    model = network("VideoMAEForVideoClassification", 8, True, seed, eps=1e-6)
    model.fc_norm.eps = 1e-6
    tensors = renamed(model, MMACTION)
    tensors["backbone.pos_embed"] = model.videomae.embeddings.position_embeddings.clone()
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"num_attention_heads": HEADS, "num_frames": 8}) + "\n")
    expect(folder, model, seed)


def main(root):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    classes, features, pretraining = "VideoMAEForVideoClassification", "VideoMAEModel", "VideoMAEForPreTraining"
    saved(root, "classes-mean-16", classes, 16, True, 1)
    saved(root, "classes-mean-8", classes, 8, True, 2)
    saved(root, "classes-first-16", classes, 16, False, 3)
    saved(root, "classes-first-8", classes, 8, False, 4)
    saved(root, "classes-in-memory", classes, 8, True, 5, in_memory=True)
    saved(root, "classes-without-bias", classes, 8, True, 6, bias=False)
    saved(root, "model-mean-16", features, 16, True, 7)
    saved(root, "model-first-8", features, 8, False, 8)
    saved(root, "pretraining-first-16", pretraining, 16, False, 9)
    saved(root, "pretraining-mean-8", pretraining, 8, True, 10)
    official(root, "official-fine-tuned", classes, True, 11, FINE_TUNED, "module")
    official(root, "official-first", classes, False, 12, FINE_TUNED, "model")
    official(root, "official-pretraining", pretraining, False, 13, OFFICIAL, "model")
    mmaction(root, "mmaction", 14)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
