// SPDX-License-Identifier: MIT
//
//	program fill DATABASE THREADS KEYS
//	program look DATABASE THREADS KEYS
//	program spoil DATABASE 0 0
//
// fill: each thread writes KEYS keys of its own, reads every fourth one back at
// once, and once goes through the whole database, whose keys have to be in
// order and to have their values. look: all keys are there, in order, with
// their values, and no others. spoil: changes one value.
#include <leveldb/cache.h>
#include <leveldb/db.h>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace
{

[[noreturn]] void fail(const std::string &what)
{
	std::cerr << what << std::endl;
	std::_Exit(1);
}

void must(const leveldb::Status &status)
{
	if (!status.ok())
		fail(status.ToString());
}

// Written in an order that is not theirs: 7919 and KEYS have no common factor.
std::string key(int thread, int n)
{
	char text[32];

	snprintf(text, sizeof(text), "%02d.%08d", thread, n);
	return text;
}

std::string value(const std::string &key)
{
	return key + std::string(80, key.back()) + key;
}

using Base = std::unique_ptr<leveldb::DB>;

Base open(const char *path)
{
	leveldb::Options options;
	leveldb::DB *base;

	options.create_if_missing = true;
	options.write_buffer_size = 256 << 10;
	options.max_file_size = 1 << 20;
	must(leveldb::DB::Open(options, path, &base));
	return Base(base);
}

// How many keys there are; each behind the one before, and with its value.
long walk(leveldb::DB *base)
{
	leveldb::ReadOptions options;
	std::string last;
	long n = 0;

	options.verify_checksums = true;
	std::unique_ptr<leveldb::Iterator> at(base->NewIterator(options));
	for (at->SeekToFirst(); at->Valid(); at->Next(), n++) {
		std::string now = at->key().ToString();

		if (now <= last)
			fail(now + " comes behind " + last);
		if (at->value() != value(now))
			fail(now + " has another value");
		last = now;
	}
	must(at->status());
	return n;
}

void fill(leveldb::DB *base, int thread, int keys)
{
	for (int i = 0; i < keys; i++) {
		std::string k = key(thread, (int)(i * 7919L % keys)), read;

		must(base->Put({}, k, value(k)));
		if (i % 4 == 0) {
			must(base->Get({}, k, &read));
			if (read != value(k))
				fail(k + " is not what was written");
		}
		if (i == keys / 2)
			walk(base);
	}
}

} // namespace

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;

	Base base = open(argv[2]);
	int threads = atoi(argv[3]), keys = atoi(argv[4]);

	if (strcmp(argv[1], "fill") == 0) {
		std::vector<std::thread> all;

		for (int i = 0; i < threads; i++)
			all.emplace_back(fill, base.get(), i, keys);
		for (std::thread &t : all)
			t.join();
	} else if (strcmp(argv[1], "look") == 0) {
		if (walk(base.get()) != (long)threads * keys)
			fail("keys are missing");
	} else {
		must(base->Put({}, key(0, 1), "spoilt"));
	}
}
