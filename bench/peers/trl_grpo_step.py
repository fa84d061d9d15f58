"""The step of bench/grpo-step.mjs by TRL's GRPOTrainer on PyTorch's CPU build. Prints {"seconds": […], "meanTokens": …}.

usage: trl_grpo_step.py MAX_NEW_TOKENS PROMPT_LENGTH STEPS THREADS
"""

import json
import sys
import tempfile
import time

import torch
from datasets import Dataset
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

limit, prompt_length, steps, threads = map(int, sys.argv[1:])
torch.set_num_threads(threads)
torch.manual_seed(1)

words = {"<pad>": 0, "<eos>": 1} | {f"w{i}": i for i in range(2, 512)}
core = Tokenizer(WordLevel(words, unk_token="w2"))
core.pre_tokenizer = WhitespaceSplit()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<eos>", pad_token="<pad>", padding_side="left")
model = Qwen2ForCausalLM(
    Qwen2Config(
        vocab_size=512, hidden_size=256, intermediate_size=1024, num_hidden_layers=4, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=1024, tie_word_embeddings=True, eos_token_id=1, pad_token_id=0,
        bos_token_id=None,
    )
)
prompts = [" ".join(f"w{2 + (31 * p + 7 * t) % 500}" for t in range(prompt_length)) for p in range(8)]
lengths = []


def reward(completion_ids, **_):
    lengths.extend(len(ids) for ids in completion_ids)
    return [sum(token % 2 == 0 for token in ids) / len(ids) for ids in completion_ids]


class Times(TrainerCallback):
    def __init__(self):
        self.marks = []

    def on_step_begin(self, *_, **__):
        self.marks.append(time.perf_counter())

    def on_step_end(self, *_, **__):
        self.marks[-1] = time.perf_counter() - self.marks[-1]


times = Times()
with tempfile.TemporaryDirectory() as folder:
    config = GRPOConfig(
        output_dir=folder, per_device_train_batch_size=64, num_generations=8, max_completion_length=limit, max_steps=steps + 1,
        temperature=1.0, learning_rate=1e-6, bf16=False, use_cpu=True, report_to="none", save_strategy="no",
        logging_strategy="no", disable_tqdm=True, gradient_checkpointing=False,
    )
    trainer = GRPOTrainer(
        model=model, reward_funcs=reward, args=config, processing_class=tokenizer, callbacks=[times],
        train_dataset=Dataset.from_list([{"prompt": prompt} for prompt in prompts]),
    )
    trainer.train()
measured = lengths[64:]
print(json.dumps({"seconds": times.marks[1:], "meanTokens": sum(measured) / len(measured)}))
