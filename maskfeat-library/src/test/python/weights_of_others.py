"""Makes src/test/resources/weights-of-others: small networks of other programs, and what those compute with them.

Needs torch, torchvision, timm, transformers and safetensors; the build does not run it. Made with torch 2.13,
torchvision 0.28, timm 1.0.29 and transformers 5.18:

    python3 src/test/python/weights_of_others.py src/test/resources/weights-of-others

Each folder has the weights as the program saves them (model.safetensors or model.pth), its config.json where it writes
one, and expected.safetensors: 'input' as the network reads it, 'tokens' after the last block, 'logits' where it
classifies. The metadata of the latter says the number of heads where the weights do not.

pictures/ has pictures of odd sizes; each folder in prepared/ has the files that say how a program prepares pictures, and
the probabilities that a network of the folders above, named in expected.safetensors, gives for what it then reads.
Pictures are resized by Pillow, as timm does, and as transformers does with its processors' Pillow backend.
"""

import json
import pathlib
import sys

import numpy
import timm.data
import torch
import torch.distributed.checkpoint
import torchvision
import transformers
from PIL import Image
from safetensors.torch import load_file, save_file
from timm.models.vision_transformer import VisionTransformer
from torchvision.models.video.mvit import MSBlockConfig, MViT

C, HEADS, DEPTH, PATCH, SIDE, CLASSES = 16, 2, 2, 8, 32, 5


def noisy(model, seed):
    """Initial values are nearly symmetric and hide mistakes."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in sorted(model.named_parameters()):
            wide = 0.3 if value.dim() == 1 or "pos" in name or "token" in name else 0.1
            value.add_(torch.randn(value.shape, generator=generator) * wide)
    return model.eval()


def expect(folder, model, block, frames, heads, logits=True):
    """Runs the model and keeps what comes out of a block and of the model."""
    seen = {}
    handle = block.register_forward_hook(
        lambda module, inputs, output: seen.update(tokens=output[0] if isinstance(output, tuple) else output)
    )
    with torch.no_grad():
        out = model(frames)
    handle.remove()
    expected = {"input": frames, "tokens": seen["tokens"]}
    if logits:
        expected["logits"] = out.logits if hasattr(out, "logits") else out
    save_file(
        {name: value.contiguous() for name, value in expected.items()},
        folder / "expected.safetensors",
        {"heads": str(heads)},
    )


def picture(seed, frames=0):
    generator = torch.Generator().manual_seed(seed)
    shape = (1, 3, frames, 64, 64) if frames else (2, 3, SIDE, SIDE)
    return torch.randn(shape, generator=generator)


def save(folder, tensors, config=None):
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.clone().contiguous() for name, value in tensors.items()}, folder / "model.safetensors")
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")


def of_timm(root, name, seed, rename=lambda key: key, **settings):
    model = VisionTransformer(
        img_size=SIDE, patch_size=PATCH, embed_dim=C, depth=DEPTH, num_heads=HEADS, num_classes=CLASSES, mlp_ratio=2,
        **settings,
    )
    noisy(model, seed)
    save(root / name, {rename(key): value for key, value in model.state_dict().items()})
    expect(root / name, model, model.blocks[-1], picture(seed), HEADS)


def of_deit3(key):
    """As DeiT's own program names LayerScale."""
    return key.replace("ls1.gamma", "gamma_1").replace("ls2.gamma", "gamma_2")


def of_torchvision(root):
    vit = torchvision.models.VisionTransformer(SIDE, PATCH, DEPTH, HEADS, C, 2 * C, num_classes=CLASSES)
    noisy(vit, 11)
    save(root / "torchvision-vit", vit.state_dict())
    expect(root / "torchvision-vit", vit, vit.encoder.layers[-1], picture(11), HEADS)
    widths = [(1, 8, 8), (2, 8, 16), (2, 16, 16), (4, 16, 32), (4, 32, 32)]
    strides = [(1, 4), (2, 2), (1, 2), (2, 1), (1, 1)]
    blocks = [
        MSBlockConfig(heads, before, after, [3, 3, 3], [3, 3, 3], [1, q, q], [1, kv, kv])
        for (heads, before, after), (q, kv) in zip(widths, strides)
    ]
    mvit = MViT(
        spatial_size=(64, 64), temporal_size=4, block_setting=blocks, residual_pool=True, residual_with_cls_embed=False,
        rel_pos_embed=True, proj_after_attn=True, num_classes=CLASSES,
    )
    noisy(mvit, 12)
    save(root / "torchvision-mvit", mvit.state_dict())
    expect(root / "torchvision-mvit", mvit, mvit.blocks[-1], picture(12, frames=4), 1)


def of_transformers(root):
    sizes = dict(
        hidden_size=C, num_hidden_layers=DEPTH, num_attention_heads=HEADS, image_size=SIDE, patch_size=PATCH,
        num_labels=CLASSES,
    )
    for name, eps, bias, saved in [
        ("transformers-vit", 1e-6, True, True),
        ("transformers-vit-in-memory", 1e-6, True, False),
        ("transformers-vit-without-bias", 1e-6, False, True),
    ]:
        config = transformers.ViTConfig(intermediate_size=2 * C, layer_norm_eps=eps, qkv_bias=bias, **sizes)
        vit = noisy(transformers.ViTForImageClassification(config), 21)
        keep(root / name, vit, saved)
        expect(root / name, vit, vit.vit.layers[-1], picture(21), HEADS)
    config = transformers.Dinov2Config(mlp_ratio=2, **sizes)
    for name, saved in [("transformers-dinov2", True), ("transformers-dinov2-in-memory", False)]:
        dino = noisy(transformers.Dinov2ForImageClassification(config), 22)
        keep(root / name, dino, saved)
        expect(root / name, dino, dino.dinov2.encoder.layer[-1], picture(22), HEADS, logits=False)


def keep(folder, model, saved):
    if saved:
        model.save_pretrained(folder)
    else:
        save(folder, model.state_dict(), model.config.to_dict())


def several(root):
    """Checkpoints of training programs, of one tiny network."""
    model = noisy(VisionTransformer(img_size=16, patch_size=8, embed_dim=16, depth=1, num_heads=2, num_classes=3), 31)
    other = noisy(VisionTransformer(img_size=16, patch_size=8, embed_dim=16, depth=1, num_heads=2, num_classes=4), 32)
    torch.save({"epoch": 3, "state_dict": model.state_dict(), "state_dict_ema": other.state_dict()}, root / "ema.pth")
    wrapped = {"module.backbone." + name: value for name, value in model.state_dict().items()}
    torch.save({"student": wrapped, "teacher": other.state_dict(), "epoch": 3}, root / "dino.pth")
    average = torch.optim.swa_utils.AveragedModel(model)
    torch.save(average.state_dict(), root / "swa.pth")


class Net(torch.nn.Module):
    """Of nobody's package: what a script pickles that saves its network whole."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 2)


def refused(root):
    """Forms that are not read, each of which is told what to do."""
    folder = root / "refused"
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(torch.nn.Sequential(torch.nn.Linear(2, 2)), folder / "module.pth")
    torch.save(Net(), folder / "own.pth")
    torch.save({"epoch": 1, "model": torch.nn.Linear(2, 2)}, folder / "inside.pth")
    small = {name: value.to(torch.float8_e4m3fn) for name, value in Net().state_dict().items()}
    torch.save(small, folder / "float8.pth")
    save_file(small, folder / "float8.safetensors")
    torch.distributed.checkpoint.save({"model": Net().state_dict()}, checkpoint_id=folder / "distributed")


def sharded(root):
    """As transformers up to 4 saved with safe_serialization=False."""
    folder = root / "sharded-bin"
    folder.mkdir(parents=True, exist_ok=True)
    tensors = load_file(root / "transformers-vit" / "model.safetensors")
    names = sorted(tensors)
    parts = {"pytorch_model-00001-of-00002.bin": names[:20], "pytorch_model-00002-of-00002.bin": names[20:]}
    places = {}
    for file, held in parts.items():
        torch.save({name: tensors[name].clone() for name in held}, folder / file)
        places.update({name: file for name in held})
    size = sum(value.numel() * 4 for value in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": places}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=1) + "\n")
    (folder / "config.json").write_text((root / "transformers-vit" / "config.json").read_text())


def pictures(root):
    folder = root / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    all_of_them = []
    for i, (height, width) in enumerate([(37, 50), (61, 40), (33, 33), (30, 47), (90, 41)]):
        generator = numpy.random.default_rng(i)
        y, x = numpy.mgrid[0:height, 0:width]
        waves = [128 + 90 * numpy.sin(x / (3 + c) + y / (5 - c) + i) for c in range(3)]
        pixels = numpy.stack(waves, 2) + generator.normal(0, 20, (height, width, 3))
        picture = Image.fromarray(pixels.clip(0, 255).astype(numpy.uint8))
        picture.save(folder / f"{i}.png")
        all_of_them.append(picture)
    return all_of_them


def of_pictures(root):
    seen = pictures(root)
    of_hugging_face = dict(size={"height": SIDE, "width": SIDE})
    for name, settings in {
        "vit": dict(type="ViT", **of_hugging_face),
        "vit-bicubic": dict(type="ViT", resample=3, image_mean=[0.4, 0.5, 0.6], image_std=[0.2, 0.3, 0.4], **of_hugging_face),
        "vit-unscaled": dict(type="ViT", rescale_factor=1 / 127.5, **of_hugging_face),
        "vit-raw": dict(type="ViT", do_normalize=False, **of_hugging_face),
        "vit-lanczos": dict(type="ViT", resample=1, **of_hugging_face),
        "vit-box": dict(type="ViT", resample=4, **of_hugging_face),
        "vit-hamming": dict(type="ViT", resample=5, **of_hugging_face),
        "deit": dict(type="DeiT", size={"height": 37, "width": 37}, crop_size={"height": SIDE, "width": SIDE}),
        "bit": dict(type="Bit", size={"shortest_edge": 37}, crop_size={"height": SIDE, "width": SIDE}),
        "bit-one-left": dict(type="Bit", size={"shortest_edge": 33}, crop_size={"height": SIDE, "width": SIDE}),
        "bit-three-left": dict(type="Bit", size={"shortest_edge": 35}, crop_size={"height": SIDE, "width": SIDE}),
        "convnext": dict(type="ConvNext", size={"shortest_edge": SIDE}, crop_pct=0.875),
    }.items():
        settings = dict(settings)
        processor = getattr(transformers, settings.pop("type") + "ImageProcessorPil")(**settings)
        model = transformers.ViTForImageClassification.from_pretrained(root / "transformers-vit").eval()
        folder = root / "prepared" / name
        folder.mkdir(parents=True, exist_ok=True)
        processor.save_pretrained(folder)
        saved = json.loads((folder / "preprocessor_config.json").read_text())
        saved["image_processor_type"] = saved["image_processor_type"].replace("Pil", "")
        (folder / "preprocessor_config.json").write_text(json.dumps(saved, indent=1) + "\n")
        model.config.save_pretrained(folder)
        rows = [model(**processor(picture, return_tensors="pt")).logits for picture in seen]
        probabilities(folder, rows, "transformers-vit")
    for name, settings in {
        "timm": dict(crop_pct=0.9, interpolation="bicubic"),
        "timm-whole": dict(crop_pct=1.0, interpolation="bilinear", mean=[0.5, 0.5, 0.5], std=[0.5, 0.5, 0.5]),
        "timm-one-left": dict(crop_pct=0.95, interpolation="bicubic"),
        "timm-three-left": dict(crop_pct=0.91, interpolation="bicubic"),
        "timm-squash": dict(crop_pct=0.9, crop_mode="squash", interpolation="bicubic"),
        "timm-lanczos": dict(crop_pct=0.8, interpolation="lanczos"),
        "timm-box": dict(crop_pct=0.8, interpolation="box"),
        "timm-hamming": dict(crop_pct=0.8, interpolation="hamming"),
        "timm-default": dict(),
    }.items():
        config = {"input_size": [3, SIDE, SIDE], "num_classes": CLASSES, **settings}
        folder = root / "prepared" / name
        folder.mkdir(parents=True, exist_ok=True)
        beside = {"architecture": "test", "num_classes": CLASSES, "global_pool": "token", "model_args": {"num_heads": HEADS}}
        (folder / "config.json").write_text(json.dumps({**beside, "pretrained_cfg": config}, indent=1) + "\n")
        transform = timm.data.create_transform(**timm.data.resolve_data_config({}, pretrained_cfg=config))
        model = VisionTransformer(
            img_size=SIDE, patch_size=PATCH, embed_dim=C, depth=DEPTH, num_heads=HEADS, num_classes=CLASSES, mlp_ratio=2,
            init_values=0.3,
        ).eval()
        model.load_state_dict(load_file(root / "timm-dinov2" / "model.safetensors"))
        probabilities(folder, [model(transform(picture)[None]) for picture in seen], "timm-dinov2")


def probabilities(folder, rows, model):
    values = torch.cat(rows).softmax(1).detach()
    save_file({"probabilities": values.contiguous()}, folder / "expected.safetensors", {"model": model})


def main(root):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    of_timm(root, "timm-dinov2", 1, init_values=0.3)
    of_timm(root, "timm-deit3", 2, init_values=0.3, no_embed_class=True)
    of_timm(root, "deit3", 3, rename=of_deit3, init_values=0.3, no_embed_class=True)
    of_timm(root, "timm-without-bias", 4, qkv_bias=False)
    of_timm(root, "timm-mean", 5, global_pool="avg", qkv_bias=False, proj_bias=False)
    of_torchvision(root)
    of_transformers(root)
    several(root)
    refused(root)
    sharded(root)
    of_pictures(root)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
